"""A message's story in the words of the people who operate Julia, for the terminal and the admin alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canary.cells import moment as instant
from canary.flag_values import FlagKey
from canary.incident_wording import describe
from outbound.evolution.webhooks import DeliveryStatus
from outbound.inbound import LEFT
from outbound.story import Moment, Story, What
from outbound.words import ACTORS, CHANNELS, METHODS, STATUSES, reason

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

TITLES: dict[What, _StrPromise] = {
    What.HEARD: gettext_lazy("The contact wrote what it answers"),
    What.QUEUED: gettext_lazy("Queued"),
    What.REPEATED: gettext_lazy("A repeat of it was refused"),
    What.RELEASED: gettext_lazy("Released"),
    What.BYPASSED: gettext_lazy("A rule was bypassed"),
    What.PASSED: gettext_lazy("Claimed; the guardrails let it through"),
    What.REQUESTED: gettext_lazy("The request to the provider began"),
    What.HELD: gettext_lazy("Held until released"),
    What.DEFERRED: gettext_lazy("Deferred"),
    What.QUEUED_AGAIN: gettext_lazy("Queued again"),
    What.SENT: gettext_lazy("Sent: the provider took it"),
    What.DOUBTED: gettext_lazy("Nobody knows whether it left"),
    What.PROVED: gettext_lazy("Sent: the provider has proof of it"),
    What.SAID_SENT: gettext_lazy("Sent, by a person's word"),
    What.FAILED: gettext_lazy("Failed"),
    What.BLOCKED: gettext_lazy("Blocked: it never leaves"),
    What.CANCELLED: gettext_lazy("Cancelled by hand"),
    What.IN_INCIDENT: gettext_lazy("Part of an incident"),
    What.TOLD: gettext_lazy("Webhook"),
    What.ANSWERED: gettext_lazy("The contact wrote back"),
}
DELIVERIES: dict[str, _StrPromise] = {
    LEFT: gettext_lazy("the provider saw it leave"),
    DeliveryStatus.PENDING: gettext_lazy("on its way"),
    DeliveryStatus.ERROR: gettext_lazy("WhatsApp did not take it"),
    DeliveryStatus.SERVER_ACK: gettext_lazy("WhatsApp has it"),
    DeliveryStatus.DELIVERY_ACK: gettext_lazy("delivered to the phone"),
    DeliveryStatus.READ: gettext_lazy("read"),
    DeliveryStatus.PLAYED: gettext_lazy("played"),
    DeliveryStatus.DELETED: gettext_lazy("deleted"),
}
SWITCHES: dict[str, _StrPromise] = {
    FlagKey.JULIA: gettext_lazy("Julia is on again"),
    FlagKey.CAMPAIGNS: gettext_lazy("campaigns are on again"),
    FlagKey.SAFE_MODE: gettext_lazy("safe mode is off"),
    FlagKey.OUTBOUND_CANARY: gettext_lazy("the canary grew"),
    FlagKey.EXTERNAL_HANDOFF: gettext_lazy("the bridge is on again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One moment as people read it: when (São Paulo), how long after the one before, what, and what is known of it."""

    at: str
    after: str
    title: str
    detail: str
    code: str


def lines(story: Story) -> Iterator[Line]:
    """Tell a story moment by moment, oldest first."""
    before: datetime | None = None
    for moment in story.moments:
        yield Line(
            at=f"{instant(moment.at)},{localtime(moment.at):%f}"[:-3],
            after=_span(moment.at - before) if before else "",
            title=str(TITLES[moment.what]),
            detail=" · ".join(detail for detail in _details(moment) if detail),
            code=moment.what,
        )
        before = moment.at


def stands(story: Story) -> str:
    """Say how a message stands now: its status, and what it waits for."""
    message = story.message
    said = [str(STATUSES[message.status]), reason(message.reason)]
    if message.due_at and message.status == "queued":
        said.append(_("until {instant}").format(instant=_day(message.due_at)))
    return " · ".join(part for part in said if part)


def _details(moment: Moment) -> Iterator[str]:
    facts = moment.facts
    match moment.what:
        case What.QUEUED:
            yield str(METHODS[facts["method"]])
            actor = ACTORS.get(facts["actor"], facts["actor"])
            yield _("through {channel}, by {actor}").format(channel=CHANNELS[facts["channel"]], actor=actor)
            yield facts["template"] or ""
        case What.TOLD:
            yield str(DELIVERIES.get(facts["status"], facts["status"]))
        case What.IN_INCIDENT:
            yield f"#{facts['number']} {describe(facts['kind']).title}"
        case What.RELEASED:
            yield str(SWITCHES[facts["switch"]])
            yield from _who(facts)
        case _:
            yield from _of_event(moment.what, facts)


def _of_event(what: What, facts: Mapping[str, Any]) -> Iterator[str]:
    yield reason(facts.get("reason"))
    if facts.get("until"):
        yield _("until {instant}").format(instant=_day(facts["until"]))
    yield facts.get("error") or ""
    if facts.get("attempts"):
        yield _("attempts: {count}").format(count=facts["attempts"])
    if what in {What.BYPASSED, What.SAID_SENT, What.QUEUED_AGAIN, What.CANCELLED}:
        yield from _who(facts)


def _who(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts.get("why"):
        yield f"{facts.get('actor') or '—'}: {facts['why']}"


def _day(at: datetime) -> str:
    return date_format(localtime(at), "D d/m/Y H:i:s")


def _span(span: timedelta) -> str:
    """A length of time by its two largest units; below a minute in seconds to the millisecond."""
    seconds = span.total_seconds()
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"+{number_format(seconds, 3)} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    counts = {"d": days, "h": hours, "min": minutes, "s": seconds}
    return "+" + " ".join([f"{count} {unit}" for unit, count in counts.items() if count][:2])
