"""Open incidents as the panel shows them, and the two things a person does about one: take care of it, and close it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canary import incident_wording
from canary import incidents as operations
from canary.cells import moment
from canary.incident_kinds import Happening
from canary.incidents import AlreadyResolvedError
from canary.models import Incident, IncidentEvent
from canary.questions import Answer

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An open incident in words; `taken_by` is who takes care of it, empty while nobody does."""

    incident: Incident
    title: str
    action: str
    taken_by: str


def open_now() -> list[Open]:
    """The open incidents, the worst first."""
    found = list(Incident.objects.filter(resolved_at=None).order_by("severity", "-opened_at")[:MOST])
    taken = dict(
        IncidentEvent.objects.filter(incident__in=found, what=Happening.ACKNOWLEDGED).values_list(
            "incident_id", "actor"
        )
    )
    return [_open(incident, taken_by=taken.get(incident.pk, "")) for incident in found]


def _open(incident: Incident, *, taken_by: str) -> Open:
    told = incident_wording.describe(incident.kind)
    return Open(incident=incident, title=str(told.title), action=str(told.action), taken_by=taken_by)


def acknowledge(*, pk: int, actor: str, now: datetime) -> Answer:
    """Say that somebody takes care of it, or who did so before."""
    try:
        is_first = operations.acknowledge(incident_id=pk, actor=actor, now=now)
    except AlreadyResolvedError:
        return _resolved_meanwhile(pk)
    if is_first:
        return Answer(text=_("It is yours: everybody sees that you take care of it."))
    other = IncidentEvent.objects.filter(incident_id=pk, what=Happening.ACKNOWLEDGED).order_by("id")[0]
    return Answer(
        text=_("{who} takes care of it since {when}.").format(who=other.actor, when=moment(other.at)), is_done=False
    )


def resolve(*, pk: int, actor: str, note: str, now: datetime) -> Answer:
    """Close it with a note, or say who did so before.

    Raises:
        ValueError: when the actor is no person.
        PersonalDataError: when the actor or the note looks like personal data.
    """
    try:
        operations.resolve(incident_id=pk, actor=actor, note=note, now=now)
    except AlreadyResolvedError:
        return _resolved_meanwhile(pk)
    return Answer(text=_("Resolved. It switches nothing on: decide whether Julia goes on."))


def _resolved_meanwhile(pk: int) -> Answer:
    incident = Incident.objects.get(pk=pk)
    return Answer(
        text=_("{who} was faster: resolved at {when}, with the note: {note}").format(
            who=incident.resolved_by, when=moment(incident.resolved_at), note=incident.note
        ),
        is_done=False,
    )
