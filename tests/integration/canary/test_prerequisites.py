"""Prerequisites look at the live system: each is met as it stands, and not once what it looks for is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from canary import catalogue, flags, metrics, phases, prerequisites
from canary.database_owner import as_owner
from canary.flag_values import FlagKey
from canary.gate_facts import Finding
from canary.models import FeatureFlag
from outbound import circuit
from outbound import prerequisites as ours
from outbound.evolution import retry
from outbound.guardrails.limits import parse_limits
from tests.factories import outbound
from tests.factories import rollout as make

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def look(name: str) -> Finding:
    return prerequisites.look([name], now=NOW)[name]


@pytest.fixture
def altered():
    """Alter the schema, as its owner, inside a transaction that is rolled back in the end."""
    with as_owner(connection), transaction.atomic():

        def alter(statement: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement)

        yield alter
        transaction.set_rollback(True)


def test_every_prerequisite_of_every_phase_is_looked_for_and_met_but_the_drill():
    found = prerequisites.look(phases.prerequisites_of(phases.D), now=NOW)

    assert {name for name, finding in found.items() if not finding.is_met} == {"campaign_switch_drilled"}


def test_what_nobody_registered_is_not_there():
    assert look("unheard_of") == Finding(is_met=False, details={"look": "not registered"})
    assert prerequisites.label("unheard_of") == "unheard_of"


def test_a_look_that_fails_finds_nothing_and_spoils_nothing(monkeypatch, caplog):
    def broken(_now: datetime) -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return Finding(is_met=True)

    monkeypatch.setitem(prerequisites._registered, "broken", SimpleNamespace(check=broken))

    with transaction.atomic():
        found = prerequisites.look(["broken", "events_append_only"], now=NOW)

    assert found["broken"] == Finding(is_met=False, details={"look": "failed: DataError"})
    assert found["events_append_only"].is_met


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("events_append_only", "DROP TRIGGER business_events_append_only ON business_events"),
        ("events_append_only", "ALTER TABLE business_events DISABLE TRIGGER business_events_append_only"),
        (
            "events_without_personal_data",
            "ALTER TABLE business_events DROP CONSTRAINT business_events_no_personal_data",
        ),
        ("kill_switches_exist", "DELETE FROM feature_flags WHERE key = 'campaigns'"),
        ("kill_switches_exist", "UPDATE feature_flags SET value = '{}' WHERE key = 'julia'"),
        ("no_anonymous_grants", "GRANT SELECT ON contacts TO anon"),
        ("dedupe_constraint", "ALTER TABLE outbound_messages DROP CONSTRAINT outbound_messages_refuse_live_duplicates"),
    ],
)
def test_what_the_database_no_longer_holds_is_missed(altered, name, statement):
    assert look(name).is_met

    altered(statement)

    assert not look(name).is_met


def test_a_constraint_that_was_never_checked_is_not_in_force(altered):
    altered("ALTER TABLE feature_flags ADD CONSTRAINT later CHECK (key <> '') NOT VALID")
    assert not catalogue.has_constraint("feature_flags", "later", kind="c")

    altered("ALTER TABLE feature_flags VALIDATE CONSTRAINT later")

    assert catalogue.has_constraint("feature_flags", "later", kind="c")
    assert not catalogue.has_constraint("feature_flags", "later", kind="x")
    assert not catalogue.has_constraint("no_such_table", "later", kind="c")


def test_a_core_metric_that_is_not_measured_is_missed(monkeypatch):
    assert look("core_metrics").is_met

    monkeypatch.delitem(metrics._metrics, "duplicates")

    assert look("core_metrics") == Finding(is_met=False, details={"missing": "duplicates"})


def test_a_second_way_to_the_provider_is_found(monkeypatch, tmp_path):
    assert look("guardrail_single_point").is_met
    (tmp_path / "handoff").mkdir()
    (tmp_path / "handoff" / "shortcut.py").write_text("from outbound.evolution.courier import Courier\n")
    monkeypatch.setattr(ours, "BASE_DIR", tmp_path)
    ours._users_of_the_way_out.cache_clear()

    found = look("guardrail_single_point")

    ours._users_of_the_way_out.cache_clear()
    assert found == Finding(is_met=False, details={"around": "handoff.shortcut"})


@pytest.mark.parametrize(
    "change", [("FAILURES_TO_OPEN", 6), ("FAILURES_TO_OPEN", 4), ("FIRST_WAIT", timedelta(seconds=30))]
)
def test_a_circuit_breaker_that_opens_otherwise_is_not_the_documents(monkeypatch, change):
    assert look("circuit_breaker").is_met

    monkeypatch.setattr(circuit, *change)

    assert not look("circuit_breaker").is_met


@pytest.mark.parametrize(
    ("limits", "is_met"),
    [
        ("20/hour,100/day", True),
        ("10/hour,80/day", True),
        ("20/hour,100/7d", True),
        ("21/hour,100/day", False),
        ("20/hour,101/day", False),
        ("20/hour", False),
        ("100/day", False),
        ("20/30min,100/day", False),
    ],
)
def test_limits_wider_than_the_documents_are_not_its_rate_limiter(settings, limits, is_met):
    settings.OUTBOUND_RATE_LIMITS = parse_limits(limits)

    assert look("rate_limiter").is_met is is_met


@pytest.mark.parametrize(
    "change", [("MAX_ATTEMPTS", 2), ("MAX_ATTEMPTS", 4), ("DELAYS_S", (0.1, 1.0, 3.0)), ("JITTER", 0.0)]
)
def test_a_retry_policy_other_than_gap_b2_is_not_in_force(monkeypatch, change):
    assert look("retry_in_force").is_met

    monkeypatch.setattr(retry, *change)

    assert not look("retry_in_force").is_met


def turn_campaigns(*, on: bool) -> None:
    with transaction.atomic():
        flags.switch(key=FlagKey.CAMPAIGNS, fields={"enabled": on}, actor="ana", reason="teste", now=NOW)


def test_the_campaign_switch_was_drilled_when_a_drill_passed():
    make.drilled(pct=10, at=NOW, names=("kill_switch_campaigns",), passed=False)
    make.drilled(pct=10, at=NOW, names=("kill_switch_julia",))
    assert not look("campaign_switch_drilled").is_met

    make.drilled(pct=10, at=NOW, names=("kill_switch_campaigns",))

    assert look("campaign_switch_drilled") == Finding(is_met=True, details={"found": "drill"})


def test_the_campaign_switch_was_drilled_when_it_went_off_and_on_again():
    turn_campaigns(on=False)
    assert not look("campaign_switch_drilled").is_met

    turn_campaigns(on=True)

    assert look("campaign_switch_drilled") == Finding(is_met=True, details={"found": "history"})


def test_turning_campaigns_on_first_proves_nothing():
    FeatureFlag.objects.filter(key="campaigns").update(value={"enabled": False})
    turn_campaigns(on=True)
    turn_campaigns(on=False)

    assert not look("campaign_switch_drilled").is_met


@pytest.fixture
def two_sent(sender):
    doctor = outbound.contact()
    for minutes in (0, 1):
        outbound.sent_before(doctor, at=NOW - HOUR + timedelta(minutes=minutes), sender=sender)


def test_duplicates_of_the_last_day_are_found_without_waiting_for_a_snapshot(two_sent, altered):
    assert look("no_duplicates").is_met

    # As if the constraint had been away for a while.
    altered("ALTER TABLE outbound_messages DROP CONSTRAINT outbound_messages_refuse_live_duplicates")
    altered("UPDATE outbound_messages SET dedupe_key = '00000000-0000-0000-0000-000000000001'")

    assert look("no_duplicates") == Finding(is_met=False, details={"duplicates": "1"})
