"""What the steps of a drill are called in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from canary.drills.steps import Step

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

STEPS: dict[Step, _StrPromise] = {
    Step.SWITCHED: _("switch turned"),
    Step.QUEUED: _("message to the drill contact enqueued"),
    Step.STOPPED: _("it was stopped"),
    Step.PASSED_THROUGH: _("what the switch does not stop went out"),
    Step.NOTHING_LEFT: _("nothing it should stop was let through, to anybody"),
    Step.PUT_BACK: _("switch put back as it was found"),
    Step.LEFT_ALONE: _("switch left as somebody else wanted it meanwhile"),
    Step.SENT: _("it went out"),
    Step.REFUSED: _("refused without a reason"),
    Step.BYPASSED: _("the bypass is recorded, with who and why"),
    Step.FAILED: _("FAILED"),
    Step.IMPOSSIBLE: _("not possible now; nothing was switched"),
    Step.TAKEN_OVER: _("proves nothing"),
    Step.INTERRUPTED: _("interrupted"),
    Step.CUT_OFF: _("was cut off"),
}
