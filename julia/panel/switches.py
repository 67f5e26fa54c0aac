"""The switches as the panel shows them: how each stands, who turned it last and why, and what its button would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from canary import flags
from canary.flag_values import Flags
from canary.models import FeatureFlagChange
from canary.questions import Answer
from outbound.killswitch import SAFE_POSITIONS, ChangedMeanwhileError, Switch

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a switch is called, where it stands, what its buttons say, and what turning it means."""

    title: _StrPromise
    is_on: _StrPromise
    is_off: _StrPromise
    turn_on: _StrPromise
    turn_off: _StrPromise
    meaning_of_on: _StrPromise
    meaning_of_off: _StrPromise


WORDS: dict[Switch, Words] = {
    Switch.JULIA: Words(
        title=_("Julia"),
        is_on=_("Julia is on"),
        is_off=_("Julia is paused"),
        turn_on=_("Resume Julia"),
        turn_off=_("Pause Julia"),
        meaning_of_on=_("Messages go out again, by all the other rules."),
        meaning_of_off=_("Nothing leaves, not even replies, until somebody resumes her."),
    ),
    Switch.CAMPAIGNS: Words(
        title=_("Campaigns"),
        is_on=_("On"),
        is_off=_("Off"),
        turn_on=_("Turn campaigns on"),
        turn_off=_("Turn campaigns off"),
        meaning_of_on=_("Campaigns, follow-ups and reactivations go out again."),
        meaning_of_off=_("Campaigns, follow-ups and reactivations wait; replies go on."),
    ),
    Switch.EXTERNAL_HANDOFF: Words(
        title=_("Ponte externa"),
        is_on=_("On"),
        is_off=_("Off"),
        turn_on=_("Turn the bridge on"),
        turn_off=_("Turn the bridge off"),
        meaning_of_on=_("Doctors and divulgadores are put in touch, within the bridge's percentage."),
        meaning_of_off=_("No new bridge begins and follow-ups wait; confirming goes on."),
    ),
    Switch.SAFE_MODE: Words(
        title=_("Safe mode"),
        is_on=_("On"),
        is_off=_("Off"),
        turn_on=_("Turn safe mode on"),
        turn_off=_("Turn safe mode off"),
        meaning_of_on=_("Only answers go out: whatever we begin ourselves waits."),
        meaning_of_off=_("What we begin ourselves goes out again, by all the other rules."),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One switch: `seen` is the id of its last change (0: none), which its button's question carries along.

    `pct` is the share of doctors (0 to 100) it is on for, where it has one.
    """

    switch: Switch
    is_on: bool
    pct: int | None
    last: FeatureFlagChange | None

    @property
    def words(self) -> Words:
        return WORDS[self.switch]

    @property
    def state(self) -> _StrPromise:
        return self.words.is_on if self.is_on else self.words.is_off

    @property
    def is_safe(self) -> bool:
        """Whether it holds something back."""
        return self.is_on is SAFE_POSITIONS[self.switch]

    @property
    def seen(self) -> int:
        return self.last.pk if self.last else 0

    @property
    def turns(self) -> str:
        """The position that the button turns it to: `on` or `off`."""
        return "off" if self.is_on else "on"

    @property
    def button(self) -> _StrPromise:
        return self.words.turn_off if self.is_on else self.words.turn_on

    @property
    def since(self) -> datetime | None:
        return self.last.changed_at if self.last else None


def cards() -> list[Card]:
    """All switches as they are committed now."""
    current = flags.read()
    stand, pcts = positions(current), {Switch.EXTERNAL_HANDOFF: current.handoff_pct}
    last = {change.key: change for change in FeatureFlagChange.objects.order_by("key", "-id").distinct("key")}
    return [Card(switch=switch, is_on=stand[switch], pct=pcts.get(switch), last=last.get(switch)) for switch in Switch]


def card(which: Switch) -> Card:
    """One switch as it is committed now."""
    return next(card for card in cards() if card.switch is which)


def last_said(change: FeatureFlagChange) -> str:
    """Who turned a switch, when and why, in words."""
    return _("{who} turned it at {when}, because: {reason}").format(
        who=change.actor, when=timezone.localtime(change.changed_at).strftime("%d/%m %H:%M:%S"), reason=change.reason
    )


def refused(error: ChangedMeanwhileError) -> Answer:
    """Answer somebody who went by what was no longer so."""
    return Answer(text=_("Nothing was changed. {before}").format(before=last_said(error.change)), is_done=False)


def positions(values: Flags) -> dict[Switch, bool]:
    """Which switches are on."""
    return {
        Switch.JULIA: values.julia_enabled,
        Switch.CAMPAIGNS: values.campaigns_enabled,
        Switch.EXTERNAL_HANDOFF: values.handoff_enabled,
        Switch.SAFE_MODE: values.safe_mode,
    }
