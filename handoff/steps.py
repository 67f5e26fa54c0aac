"""The messages of a bridge, each sent at most once, and when the follow-ups are due.

followup_due(timedelta(hours=25)).step   # Step.FOLLOWUP_24H
followup_due(timedelta(hours=1))         # None
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from handoff.states import LIFE


class Step(StrEnum):
    """One message of a bridge; the first of a kind is the only one."""

    DOCTOR_CONTACT = "doctor_contact"
    REQUEST = "request"
    FOLLOWUP_2H = "followup_2h"
    FOLLOWUP_24H = "followup_24h"
    FOLLOWUP_36H = "followup_36h"
    DOCTOR_OUTCOME = "doctor_outcome"
    DIVULGADOR_OUTCOME = "divulgador_outcome"
    DOCTOR_REVERTED = "doctor_reverted"
    DIVULGADOR_REVERTED = "divulgador_reverted"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A follow-up is worth sending from `due` after the bridge's clock started until the next one's turn."""

    step: Step
    due: timedelta
    until: timedelta


# 2 h, 24 h and 36 h: spec/domain.md, The bridge, step 4. What waits longer than to the next one's turn (for the
# morning, a switch, a late job) is not sent on top of it, so that nobody is asked twice in a row.
FOLLOWUPS = (
    FollowUp(step=Step.FOLLOWUP_2H, due=timedelta(hours=2), until=timedelta(hours=24)),
    FollowUp(step=Step.FOLLOWUP_24H, due=timedelta(hours=24), until=timedelta(hours=36)),
    FollowUp(step=Step.FOLLOWUP_36H, due=timedelta(hours=36), until=LIFE),
)
FOLLOWUP_STEPS = frozenset(followup.step for followup in FOLLOWUPS)


def followup_due(elapsed: timedelta) -> FollowUp | None:
    """Name the follow-up whose turn it is so long after the bridge's clock started; None before, and after the last."""
    return next((followup for followup in FOLLOWUPS if followup.due <= elapsed < followup.until), None)
