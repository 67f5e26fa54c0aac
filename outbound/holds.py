"""What is held until a switch lets it go: messages without a due time, released in the switch's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from canary.flag_values import ALL_PERCENT, FlagKey, Flags
from canary.flags import FlagChange
from outbound import wakeup
from outbound.guardrails.decision import Reason

RELEASE = (Path(__file__).parent / "queries" / "release.sql").read_text(encoding="utf-8")

HELD_BY = {
    FlagKey.JULIA: Reason.JULIA_PAUSED,
    FlagKey.CAMPAIGNS: Reason.CAMPAIGNS_DISABLED,
    FlagKey.SAFE_MODE: Reason.SAFE_MODE,
    FlagKey.EXTERNAL_HANDOFF: Reason.EXTERNAL_HANDOFF_DISABLED,
    FlagKey.OUTBOUND_CANARY: Reason.OUTSIDE_CANARY,
}


def release_for(change: FlagChange) -> None:
    """Release what a change of a switch no longer holds; a change that stops more releases nothing."""
    pct = let_go_pct(change)
    if pct:
        release([HELD_BY[change.key]], now=change.at, pct=pct)


def let_go_pct(change: FlagChange) -> int:
    """Of how many percent of the contacts a change lets go what its switch held; 0 for one that stops more."""
    before, after = (Flags.parse({change.key: value}) for value in (change.before, change.after))
    if change.key is FlagKey.OUTBOUND_CANARY:
        return after.canary_pct if after.canary_pct > before.canary_pct else 0
    return ALL_PERCENT if _lets_go(change.key, after) else 0


def release(reasons: Iterable[Reason], *, now: datetime, pct: int = ALL_PERCENT) -> int:
    """Make due what waits without a time for one of the reasons, inside the caller's transaction; answer how many.

    Only contacts whose bucket is below `pct` (0 to 100) are released.
    """
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"reasons": list(reasons), "now": now, "pct": pct})
        released: int = cursor.rowcount
    if released:
        transaction.on_commit(wakeup.wake)
    return released


def _lets_go(key: FlagKey, flags: Flags) -> bool:
    match key:
        case FlagKey.JULIA:
            return flags.julia_enabled
        case FlagKey.CAMPAIGNS:
            return flags.campaigns_enabled
        case FlagKey.SAFE_MODE:
            return not flags.safe_mode
        case _:
            return flags.handoff_enabled
