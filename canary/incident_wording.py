"""What people are told of each kind of incident: how bad it is, its name, and what to do about it.

Severities and actions are the go/no-go document's (SLOs para Decisão de Escala; Contatos de Escalação); the longer
answers are in docs/playbook-incidentes.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from canary.incident_kinds import Happening, IncidentKind
from canary.models import Severity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What people are told of a kind; `severity` is what it has unless its reporter knows better."""

    severity: Severity
    title: _StrPromise
    action: _StrPromise


DESCRIPTIONS: dict[str, Description] = {
    IncidentKind.OPTED_OUT_LEAK: Description(
        severity=Severity.P0,
        title=_("A message went to somebody who had opted out"),
        action=_("Keep Julia paused and rolled back; find how it got past the guardrails before retomar_julia."),
    ),
    IncidentKind.DUPLICATES: Description(
        severity=Severity.P0,
        title=_("Messages went out twice"),
        action=_("Keep Julia paused and investigate; retomar_julia only when you know why."),
    ),
    IncidentKind.CIRCUIT_OPEN: Description(
        severity=Severity.P1,
        title=_("A sender's circuit breaker is open"),
        action=_("Check the Evolution API; do not scale."),
    ),
    IncidentKind.PROVIDER_ERRORS: Description(
        severity=Severity.P1,
        title=_("Too many provider errors"),
        action=_("Check the Evolution API and the network; do not scale until it is stable."),
    ),
    IncidentKind.INVALID_REPLY: Description(
        severity=Severity.P1,
        title=_("A reply had no proof of an inbound message"),
        action=_("It was not sent. Investigate the race condition."),
    ),
    IncidentKind.QUEUE_AGE: Description(
        severity=Severity.P1,
        title=_("Messages are due and nobody sends them"),
        action=_("Start a worker: manage.py rqworker periodic dispatch"),
    ),
    IncidentKind.WORKER_HEARTBEAT: Description(
        severity=Severity.P1,
        title=_("No worker gave a sign of life"),
        action=_("Start a worker and cron, as in the Procfile."),
    ),
    IncidentKind.UNKNOWN_OUTCOME: Description(
        severity=Severity.P1,
        title=_("Nobody knows whether a message left"),
        action=_("Look at the phone, then say what you saw: manage.py unknown list"),
    ),
    IncidentKind.SENDER_STOPPED: Description(
        severity=Severity.P1,
        title=_("The provider refuses a sender"),
        action=_('Mend its instance or key, then: manage.py senders resume INSTANCE --reason "…"'),
    ),
    IncidentKind.FALLBACK: Description(
        severity=Severity.P2,
        title=_("The deprecated way in was used"),
        action=_("Find the call site and move it to the outbox; do not scale."),
    ),
    IncidentKind.DRILL_FAILED: Description(
        severity=Severity.P1,
        title=_("A drill of the playbook failed"),
        action=_("Do not rely on this switch until you know why; its evidence says at which step it failed."),
    ),
    IncidentKind.DRILL_CUT_OFF: Description(
        severity=Severity.P2,
        title=_("A drill was cut off, and what it had switched was put back"),
        action=_("Check how the switches stand (manage.py killswitch julia status), and run the drill again."),
    ),
}


HAPPENINGS: dict[str, _StrPromise] = {
    Happening.OPENED: _("opened"),
    Happening.GREW: _("more evidence"),
    Happening.TOLD: _("people were told"),
    Happening.ACKNOWLEDGED: _("somebody takes care of it"),
    Happening.NOTED: _("note"),
    Happening.RESOLVED: _("resolved"),
    Happening.JULIA_PAUSED: _("Julia was paused"),
    Happening.ROLLED_BACK: _("rolled back one phase"),
    Happening.PROMOTION_HELD: _("no promotion while it lasts"),
}


def describe(kind: str) -> Description:
    """Answer what people are told of a kind; one nobody described sends them to the playbook."""
    return DESCRIPTIONS.get(kind) or Description(
        severity=Severity.P1,
        title=_("A metric is outside its threshold"),
        action=_("See manage.py health and docs/playbook-incidentes.md."),
    )
