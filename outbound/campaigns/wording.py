"""What campaigns' codes mean, in the words of the people who run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outbound import words
from outbound.campaigns.drafting import DraftError
from outbound.campaigns.phase_limits import Finding, Hindrance
from outbound.campaigns.roster import BadRow, RowProblem
from outbound.campaigns.states import ImpossibleMoveError, Move
from outbound.campaigns.texts import LeftOut, Personal, TextError, TextProblem
from outbound.methods import LONGEST_TEXT, CampaignState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

STATES: dict[str, _StrPromise] = {
    CampaignState.DRAFT: gettext_lazy("draft"),
    CampaignState.SCHEDULED: gettext_lazy("scheduled"),
    CampaignState.RUNNING: gettext_lazy("running"),
    CampaignState.PAUSED: gettext_lazy("paused"),
    CampaignState.DONE: gettext_lazy("done"),
    CampaignState.CANCELLED: gettext_lazy("cancelled"),
}
MOVES: dict[str, _StrPromise] = {
    Move.SCHEDULE: gettext_lazy("Schedule"),
    Move.START: gettext_lazy("Start now"),
    Move.PAUSE: gettext_lazy("Pause"),
    Move.RESUME: gettext_lazy("Resume"),
    Move.FINISH: gettext_lazy("End"),
    Move.CANCEL: gettext_lazy("Cancel"),
}
LEFT_OUT: dict[str, _StrPromise] = {
    LeftOut.NO_NAME: gettext_lazy("no name to call them by"),
    LeftOut.TEXT_TOO_LONG: gettext_lazy("text too long with their name"),
    LeftOut.ALREADY_RECEIVED: gettext_lazy("has this campaign already"),
    LeftOut.DUPLICATE: gettext_lazy("duplicate"),
    LeftOut.WINDOW_ENDED: gettext_lazy("after the window's end"),
    LeftOut.CANCELLED: gettext_lazy("campaign cancelled"),
    "pace": gettext_lazy("the campaign's pace"),
}
TEXT_PROBLEMS: dict[TextProblem, _StrPromise] = {
    TextProblem.EMPTY: gettext_lazy("The text is empty."),
    TextProblem.TOO_LONG: gettext_lazy("The text is longer than WhatsApp's {most} characters."),
    TextProblem.UNKNOWN_VARIABLE: gettext_lazy("Unknown variables: {names}. There are {known}, and those you define."),
    TextProblem.STRAY_BRACE: gettext_lazy("A brace has no partner; a brace itself is written twice."),
    TextProblem.BAD_VARIABLE: gettext_lazy("These variables have no value, or a name that cannot be used: {names}."),
    TextProblem.UNSTORABLE: gettext_lazy("The text holds characters that cannot be stored."),
}
ROW_PROBLEMS: dict[RowProblem, _StrPromise] = {
    RowProblem.NO_PHONE_COLUMN: gettext_lazy("the first line must name the columns: telefone, nome, kind"),
    RowProblem.NO_PHONE: gettext_lazy("the phone is missing"),
    RowProblem.IMPOSSIBLE_PHONE: gettext_lazy("no phone has this number"),
    RowProblem.REPEATED: gettext_lazy("repeats line {of}"),
    RowProblem.UNKNOWN_KIND: gettext_lazy("kind must be medico or divulgador"),
    RowProblem.BAD_NAME: gettext_lazy("the name is too long or has line breaks"),
    RowProblem.UNREADABLE: gettext_lazy("cannot be read as CSV; the lines after it were not read"),
    RowProblem.OPTED_OUT: gettext_lazy("has opted out, and stays so"),
    RowProblem.IN_AUDIENCE: gettext_lazy("is in the audience already"),
}
HINDRANCES: dict[Hindrance, _StrPromise] = {
    Hindrance.EMPTY_AUDIENCE: gettext_lazy("Nobody is in the audience: import a CSV or choose by filters."),
    Hindrance.TOO_MANY_RECIPIENTS: gettext_lazy(
        "{has} people are too many: in this phase campaigns are small, {most} at most. Split it, or grow the canary."
    ),
    Hindrance.WINDOW_TOO_LONG: gettext_lazy(
        "A window of {has} minutes is too long: in this phase windows are short, {most} minutes at most."
    ),
    Hindrance.WINDOW_OVER: gettext_lazy("Its window is over: draft it anew with another."),
    Hindrance.WINDOW_NOT_OPEN: gettext_lazy("Its window has not begun: schedule it, and it starts by itself."),
}
DRAFT_PROBLEMS: dict[str, _StrPromise] = {
    "end_before_start": gettext_lazy("The end must be after the start."),
    "bad_pace": gettext_lazy("The pace is at least one message per minute."),
    "no_name": gettext_lazy("The campaign needs a name."),
    "name_taken": gettext_lazy("There is a campaign of this name already."),
}


def of_text(error: TextError) -> str:
    """Say what is wrong with a text."""
    known = ", ".join(f"{{{name}}}" for name in Personal)
    names = ", ".join(f"{{{name}}}" for name in error.names)
    return str(TEXT_PROBLEMS[error.problem]).format(names=names, known=known, most=LONGEST_TEXT)


def of_draft(error: DraftError) -> str:
    """Say what is wrong with a draft."""
    return str(DRAFT_PROBLEMS[error.code])


def of_row(row: BadRow) -> str:
    """Say what is wrong with a line of a file."""
    return _("line {line}: {problem}").format(line=row.line, problem=str(ROW_PROBLEMS[row.problem]).format(of=row.of))


def of_finding(finding: Finding) -> str:
    """Say why a campaign may not be scheduled or run."""
    return str(HINDRANCES[finding.hindrance]).format(has=finding.has, most=finding.most)


def of_move(error: ImpossibleMoveError) -> str:
    """Say why something cannot be done with a campaign."""
    return _("Nothing was changed: the campaign is {state}.").format(state=STATES[error.state])


def reason(code: str | None) -> str:
    """Name why somebody gets no message, or not yet: a guardrail's reason, or one of ours."""
    return str(LEFT_OUT[code]) if code in LEFT_OUT else words.reason(code)
