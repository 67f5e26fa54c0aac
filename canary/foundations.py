"""The prerequisites of phase A that are the control plane's own: the record, the switches, the metrics, the grants."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from canary import catalogue, metrics, prerequisites
from canary.flag_values import FlagKey
from canary.gate_facts import Finding
from canary.models import FeatureFlag
from canary.stability import CORE_METRICS

RECORD = "business_events"


def events_append_only(_now: datetime) -> Finding:
    """Look for the trigger that refuses to change the record."""
    return Finding(is_met=catalogue.has_trigger(RECORD, "business_events_append_only"))


def events_without_personal_data(_now: datetime) -> Finding:
    """Look for the CHECK that refuses personal data in the record: "Sem PII em eventos/logs"."""
    return Finding(is_met=catalogue.has_constraint(RECORD, "business_events_no_personal_data", kind="c"))


def kill_switches_exist(_now: datetime) -> Finding:
    """Look for every switch, each with the field that is read of it."""
    there = dict(FeatureFlag.objects.values_list("key", "value"))
    missing = [key for key in FlagKey if not isinstance(there.get(key), dict) or not there[key]]
    return Finding(is_met=not missing, details={"missing": ", ".join(missing)} if missing else {})


def core_metrics(_now: datetime) -> Finding:
    """Look for the document's five metrics among those that are measured: "Monitoramento"."""
    missing = sorted(CORE_METRICS - {metric.name for metric in metrics.registered()})
    return Finding(is_met=not missing, details={"missing": ", ".join(missing)} if missing else {})


def no_anonymous_grants(_now: datetime) -> Finding:
    """Count what may be done to our tables without a login: "Grants anon/authenticated revogados"."""
    count = catalogue.anonymous_grants()
    return Finding(is_met=count == 0, details={"grants": count})


def register_all() -> None:
    """Say how to look for each of them."""
    for check, label in (
        (events_append_only, _("Events can only be added (trigger)")),
        (events_without_personal_data, _("No personal data in events (CHECK)")),
        (kill_switches_exist, _("The kill switches exist")),
        (core_metrics, _("The five core metrics are measured")),
        (no_anonymous_grants, _("No grants on our tables without a login")),
    ):
        prerequisites.register(check.__name__, check, label=label)
