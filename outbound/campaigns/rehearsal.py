"""A rehearsal: the whole audience through the guardrails, and nothing is sent.

It is judged as of the window's start, or now once that has passed: who would go at once, who later and when, who never
and why. What the guardrails let through leaves as fast as numbers, pace and hours allow (`projection`); what would
leave after the window's end never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from canary import flags, phases
from outbound.campaigns import readiness
from outbound.campaigns.feeding import text_to, to_feed
from outbound.campaigns.phase_limits import Finding
from outbound.campaigns.projection import Departures
from outbound.campaigns.texts import LeftOut, Template
from outbound.guardrails import facts
from outbound.guardrails.decision import Decision, Outcome, Reason
from outbound.guardrails.limits import Usage
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.rules import decide
from outbound.guardrails.snapshot import Facts
from outbound.methods import Channel, Method
from outbound.models import Campaign

CHUNK = 1000
PREVIEWS = 3
# What leaves within a minute of the start leaves "now".
AT_ONCE = timedelta(minutes=1)
PACE, WINDOW_ENDS = "pace", "window_ended"
SENDERS = "SELECT id, outbound_sender_for(id, NULL) FROM contacts WHERE id = ANY(%s)"


class Verdict(StrEnum):
    """What would become of somebody's message."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many people with one verdict for one reason; later without times is when a switch or the canary lets go."""

    verdict: Verdict
    reason: str | None
    count: int
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would happen from `at` on; `findings` is what stands against scheduling it, `previews` are real texts."""

    at: datetime
    phase: str
    audience: int
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    previews: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """How many have this verdict."""
        return sum(line.count for line in self.lines if line.verdict is verdict)

    @property
    def ends_at(self) -> datetime | None:
        """When the last of them would leave."""
        leaving = (line.last_at for line in self.lines if line.verdict is not Verdict.NEVER)
        return max((at for at in leaving if at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    verdict: Verdict
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """The guardrails would let it go at this instant: then it queues for its number."""

    at: datetime
    reason: str | None
    sender_id: UUID | None
    usages: tuple[Usage, ...]


def rehearse(
    *, campaign_id: UUID, now: datetime, on_progress: Callable[[int], object] = lambda _count: None
) -> Rehearsal:
    """Judge everybody the campaign has still to reach; nothing is written or sent.

    Raises:
        Campaign.DoesNotExist: when there is none.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    at = max(now, campaign.starts_at)
    template = Template.parse(campaign.text, campaign.variables)
    fates: list[_Fate] = []
    ready: list[_Ready] = []
    previews: list[str] = []
    for people in _chunks(campaign):
        for judged, text in _judge(people, template, at=at):
            if isinstance(judged, _Ready):
                ready.append(judged)
            else:
                fates.append(judged)
            if not isinstance(text, LeftOut) and len(previews) < PREVIEWS:
                previews.append(text)
        on_progress(len(people))
    fates += _depart(campaign, ready, at=at)
    phase = phases.at(flags.read().canary_pct)
    return Rehearsal(
        at=at,
        phase=(phase or phases.A).code,
        audience=len(fates),
        lines=_lines(fates),
        findings=tuple(readiness.findings(campaign, now=now)),
        previews=tuple(previews),
    )


def _chunks(campaign: Campaign) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while people := to_feed(campaign, most=CHUNK, after=last):
        yield people
        last = people[-1]["id"]


def _judge(
    people: list[dict[str, Any]], template: Template, *, at: datetime
) -> Iterator[tuple[_Fate | _Ready, str | LeftOut]]:
    senders = _senders([person["cliente_id"] for person in people])
    requests = [
        OutboundRequest(
            cliente_id=person["cliente_id"],
            method=Method.CAMPAIGN,
            channel=Channel.JOB,
            sender_id=senders[person["cliente_id"]],
        )
        for person in people
    ]
    for person, request, snapshot in zip(people, requests, facts.load(requests, now=at), strict=True):
        text = text_to(template, person)
        if isinstance(text, LeftOut):
            yield _Fate(verdict=Verdict.NEVER, reason=text), text
        else:
            yield _fate(decide(request, snapshot), snapshot, sender_id=request.sender_id), text


def _senders(contacts: list[UUID]) -> dict[UUID, UUID | None]:
    with connection.cursor() as cursor:
        cursor.execute(SENDERS, [contacts])
        return dict(cursor.fetchall())


def _fate(decision: Decision, snapshot: Facts, *, sender_id: UUID | None) -> _Fate | _Ready:
    if decision.outcome is Outcome.BLOCK:
        return _Fate(verdict=Verdict.NEVER, reason=decision.reason)
    is_full = decision.reason is Reason.RATE_LIMITED and decision.details.get("phone") == "sender"
    if decision.is_allowed or is_full:
        # A full number is not full for good: the projection says from when on.
        return _Ready(at=snapshot.now, reason=None, sender_id=sender_id, usages=snapshot.sender_usage)
    if decision.until is None:
        return _Fate(verdict=Verdict.LATER, reason=decision.reason)
    return _Ready(at=decision.until, reason=decision.reason, sender_id=sender_id, usages=snapshot.sender_usage)


def _depart(campaign: Campaign, ready: list[_Ready], *, at: datetime) -> Iterator[_Fate]:
    departures = Departures(at=at, hours=facts.policy().business_hours, per_minute=campaign.per_minute)
    for one in sorted(ready, key=lambda one: one.at):
        paced_at = departures.paced()
        leaves_at = departures.next(ready_at=one.at, sender_id=one.sender_id, usages=one.usages)
        if leaves_at >= campaign.ends_at:
            yield _Fate(verdict=Verdict.NEVER, reason=WINDOW_ENDS, at=leaves_at)
        elif leaves_at < at + AT_ONCE:
            yield _Fate(verdict=Verdict.NOW, at=leaves_at)
        elif leaves_at == one.at:
            yield _Fate(verdict=Verdict.LATER, reason=one.reason, at=leaves_at)
        else:
            reason = PACE if leaves_at == paced_at else Reason.RATE_LIMITED
            yield _Fate(verdict=Verdict.LATER, reason=reason, at=leaves_at)


def _lines(fates: list[_Fate]) -> tuple[Line, ...]:
    found: dict[tuple[Verdict, str | None], list[_Fate]] = {}
    for fate in fates:
        found.setdefault((fate.verdict, fate.reason), []).append(fate)
    lines = [_line(verdict, reason, members) for (verdict, reason), members in found.items()]
    order = list(Verdict)
    return tuple(sorted(lines, key=lambda line: (order.index(line.verdict), -line.count, line.reason or "")))


def _line(verdict: Verdict, reason: str | None, members: list[_Fate]) -> Line:
    times = [fate.at for fate in members if fate.at]
    return Line(
        verdict=verdict,
        reason=reason,
        count=len(members),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
    )
