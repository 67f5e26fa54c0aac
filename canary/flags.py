"""The switches in the database: read fresh every time, changed with a name, a reason, a history row and an event.

What must follow a change in the same transaction registers with `on_change` (a package above calls it in `ready()`).
`updated_by` is whoever last said how a switch shall stand, whether or not it stood so already: what somebody insisted
on is not undone by another who only meant to put back what he had found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from canary import events, personal_data
from canary.event_types import EventType
from canary.flag_values import FlagKey, Flags
from canary.models import FeatureFlag, FeatureFlagChange

# The document's phase A is what a new installation starts in: 10 %, everything on but the bridge.
DEFAULTS: dict[FlagKey, dict[str, Any]] = {
    FlagKey.JULIA: {"enabled": True},
    FlagKey.CAMPAIGNS: {"enabled": True},
    FlagKey.SAFE_MODE: {"enabled": False},
    FlagKey.OUTBOUND_CANARY: {"pct": 10},
    FlagKey.EXTERNAL_HANDOFF: {"enabled": False, "canary_pct": 0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagChange:
    """One change of one switch; `before == after` says that it already stood so, and leaves no history."""

    key: FlagKey
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime


Listener = Callable[[FlagChange], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> None:
    """Have `listener` called with every change, inside the transaction that makes it."""
    if listener not in _listeners:
        _listeners.append(listener)


def read() -> Flags:
    """Read all switches as they are committed now."""
    return Flags.parse(dict(FeatureFlag.objects.values_list("key", "value")))


def read_for_change() -> Flags:
    """Read all switches, and keep everybody from changing one until the caller's transaction ends.

    Locks them in the order of their keys, as every claim does (outbound/queries/lock_switches.sql).

    Raises:
        OutsideTransactionError: when no transaction is open.
    """
    events.require_transaction("flags.read_for_change")
    locked = FeatureFlag.objects.select_for_update().order_by("key")
    return Flags.parse({flag.key: flag.value for flag in locked})


def switch(*, key: FlagKey, fields: dict[str, Any], actor: str, reason: str, now: datetime) -> FlagChange:
    """Set fields of one switch, inside the caller's transaction; the rest of its value stays.

    Waits for the claims that have read the switch as it was, so that after the commit nobody goes by the old value.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when the actor or the reason looks like personal data.
        ValueError: when the actor or the reason is empty.
    """
    events.require_transaction("flags.switch")
    if not actor.strip() or not reason.strip():
        raise ValueError("A switch is changed by somebody, for a reason: actor and reason must not be empty.")
    flag = FeatureFlag.objects.select_for_update().get(key=key)
    change = FlagChange(key=key, before=flag.value, after=flag.value | fields, at=now)
    personal_data.refuse({"actor_id": actor, "reason": reason})
    FeatureFlag.objects.filter(key=key).update(value=change.after, updated_by=actor, updated_at=now)
    if change.before != change.after:
        _record(change, actor=actor, reason=reason)
        for listener in _listeners:
            listener(change)
    return change


def last_change(key: FlagKey) -> FeatureFlagChange | None:
    """The latest change of a switch: who, when and why; None while it stands as it was installed."""
    return FeatureFlagChange.objects.filter(key=key).order_by("-id").first()


def ensure_defaults() -> None:
    """Create the switches that are missing; a switch that exists is never touched."""
    FeatureFlag.objects.bulk_create(
        [FeatureFlag(key=key, value=value, updated_by="system") for key, value in DEFAULTS.items()],
        ignore_conflicts=True,
    )


def _record(change: FlagChange, *, actor: str, reason: str) -> None:
    props = {"key": change.key, "from": change.before, "to": change.after, "actor_id": actor, "reason": reason}
    FeatureFlagChange.objects.create(
        key=change.key, before=change.before, after=change.after, actor=actor, reason=reason, changed_at=change.at
    )
    events.emit([events.Event(type=EventType.FLAG_CHANGED, at=change.at, source="canary", props=props)])
