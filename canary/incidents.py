"""Incidents: what went wrong, from the first report until a person resolves it with a note.

    with transaction.atomic():
        incidents.report(kind=IncidentKind.SENDER_STOPPED, subject="julia-2", actor=incidents.SYSTEM,
                         details={"reason": "HTTP 401"}, now=now)

One is open for a kind and subject at a time, however often and by however many it is reported. What comes and goes
stays one incident until somebody resolves it; what comes back after that is a new one, since its evidence is. People
hear of every P0 at once, and of anything else at most every 10 minutes for a kind and subject; an alert that was held
back, or lost with its process, is told by `tell_untold`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from canary import alerts, events, personal_data
from canary.alerts import Alert
from canary.event_types import EventType
from canary.incident_kinds import DONE_BY_ITSELF, Happening
from canary.incident_wording import describe
from canary.models import Incident, IncidentEvent, Severity

REPORT = (Path(__file__).parent / "queries" / "report_incident.sql").read_text(encoding="utf-8")

# Who acts when nobody did: never good enough to resolve an incident.
SYSTEM = "system"
# Of one kind and subject people hear at most so often, but for a P0.
TELL_AGAIN_AFTER = timedelta(minutes=10)
# Whoever opened an incident tells of it himself within this time, or did not live to.
TELLING = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The open incident of what was reported; `is_new` when this report opened it."""

    id: int
    is_new: bool


class AlreadyResolvedError(RuntimeError):
    """Somebody resolved the incident before; the message says who and when."""


def report(
    *,
    kind: str,
    subject: str = "",
    severity: Severity | None = None,
    actor: str,
    details: Mapping[str, Any],
    now: datetime,
) -> Reported:
    """Open an incident, or find it still open, inside the caller's transaction, and hold its lock until that ends.

    Its severity is its kind's unless given; a worse one than it was opened with is taken over. `details`, the evidence,
    stand in the timeline and the event.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when the subject or a detail looks like personal data.
    """
    events.require_transaction("incidents.report")
    personal_data.refuse({"subject": subject, **details})
    severity = severity or describe(kind).severity
    parameters: dict[str, Any] = {"kind": kind, "subject": subject, "severity": severity, "actor": actor, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(REPORT, parameters)
        incident_id, is_new = cursor.fetchone()
    if is_new:
        props = {"incident_id": incident_id, "kind": kind, "subject": subject, "severity": severity, **details}
        add(incident_id=incident_id, what=Happening.OPENED, actor=actor, details=details, now=now)
        events.emit([events.Event(type=EventType.INCIDENT_OPENED, at=now, source="canary", props=props)])
        transaction.on_commit(partial(tell, incident_id=incident_id, now=now), robust=True)
    return Reported(id=incident_id, is_new=is_new)


def add(*, incident_id: int, what: Happening, actor: str, details: Mapping[str, Any], now: datetime) -> None:
    """Add a line to an incident's timeline, inside the caller's transaction or in one of its own.

    Raises:
        PersonalDataError: when the details look like personal data.
    """
    personal_data.refuse(details)
    IncidentEvent.objects.create(incident_id=incident_id, at=now, actor=actor, what=what, details=dict(details))


@transaction.atomic(durable=True)
def acknowledge(*, incident_id: int, actor: str, now: datetime) -> bool:
    """Say that somebody takes care of an incident, in a transaction of its own; False when somebody had said so.

    Raises:
        Incident.DoesNotExist: when there is none of this number.
        AlreadyResolvedError: when it is resolved.
        ValueError: when the actor is no person.
    """
    incident = _open(incident_id, actor=actor)
    if incident.timeline.filter(what=Happening.ACKNOWLEDGED).exists():
        return False
    add(incident_id=incident_id, what=Happening.ACKNOWLEDGED, actor=actor, details={}, now=now)
    return True


@transaction.atomic(durable=True)
def note(*, incident_id: int, actor: str, text: str, now: datetime) -> None:
    """Write something down about an open incident, in a transaction of its own.

    Raises:
        Incident.DoesNotExist: when there is none of this number.
        AlreadyResolvedError: when it is resolved.
        ValueError: when the actor is no person, or the text empty.
        PersonalDataError: when the text looks like personal data.
    """
    if not text.strip():
        raise ValueError("A note must not be empty.")
    _open(incident_id, actor=actor)
    add(incident_id=incident_id, what=Happening.NOTED, actor=actor, details={"note": text}, now=now)


@transaction.atomic(durable=True)
def resolve(*, incident_id: int, actor: str, note: str, now: datetime) -> None:
    """Close an incident, in a transaction of its own. It takes a person, and a note on what it was.

    It switches nothing on: whoever resolves also decides whether Julia goes on.

    Raises:
        Incident.DoesNotExist: when there is none of this number.
        AlreadyResolvedError: when somebody resolved it before.
        ValueError: when the actor is no person, or the note empty.
        PersonalDataError: when the actor or the note looks like personal data.
    """
    if not note.strip():
        raise ValueError("An incident is resolved with a note: it must not be empty.")
    incident = _open(incident_id, actor=actor)
    props = {"incident_id": incident_id, "kind": incident.kind, "subject": incident.subject, "note": note}
    Incident.objects.filter(pk=incident_id).update(
        # Another machine's clock, which opened it, may be ahead of ours.
        resolved_at=max(now, incident.opened_at),
        resolved_by=actor,
        note=note,
    )
    add(incident_id=incident_id, what=Happening.RESOLVED, actor=actor, details={"note": note}, now=now)
    event = events.Event(type=EventType.INCIDENT_RESOLVED, at=now, source="canary", props={**props, "actor_id": actor})
    events.emit([event])


def tell(*, incident_id: int, now: datetime) -> bool:
    """Tell people of an incident as it stands, outside any transaction; False when they heard of its like just now."""
    incident = Incident.objects.get(pk=incident_id)
    if incident.severity != Severity.P0 and _was_told(incident, since=now - TELL_AGAIN_AFTER):
        return False
    alerts.tell(_alert(incident, at=now))
    add(incident_id=incident_id, what=Happening.TOLD, actor=SYSTEM, details={}, now=now)
    return True


def tell_untold(*, now: datetime) -> int:
    """Tell of what is open and nobody heard of yet, outside any transaction; answer of how many.

    Those are incidents whose like was told of a moment before, and those whose reporter died after committing.
    """
    untold = Incident.objects.filter(resolved_at=None, opened_at__lte=now - TELLING)
    untold = untold.exclude(timeline__what=Happening.TOLD).order_by("severity", "opened_at")
    return sum(tell(incident_id=id_, now=now) for id_ in untold.values_list("pk", flat=True))


def _open(incident_id: int, *, actor: str) -> Incident:
    if not actor.strip() or actor == SYSTEM:
        raise ValueError("It takes a person: actor must name one.")
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.resolved_at is not None:
        raise AlreadyResolvedError(f"{incident.resolved_by} resolved it at {incident.resolved_at.isoformat()}.")
    return incident


def _was_told(incident: Incident, *, since: datetime) -> bool:
    alike = IncidentEvent.objects.filter(incident__kind=incident.kind, incident__subject=incident.subject)
    return alike.filter(what=Happening.TOLD, at__gt=since).exists()


def _alert(incident: Incident, *, at: datetime) -> Alert:
    timeline = list(incident.timeline.all())
    evidence = [line.details for line in timeline if line.what in {Happening.OPENED, Happening.GREW}]
    description = describe(incident.kind)
    return Alert(
        incident_id=incident.pk,
        kind=incident.kind,
        severity=Severity(incident.severity),
        subject=incident.subject,
        at=at,
        title=str(description.title),
        action=str(description.action),
        done=tuple(line.what for line in timeline if line.what in DONE_BY_ITSELF),
        details=evidence[-1] if evidence else {},
    )
