"""Block Kit: messages with buttons, built and not sent. A button's `action_id` says what it does, `value` to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    PlainTextObject,
)

from julia.slack.answers import LONGEST_SECTION, escape, section

CONFIRM = "confirm"
CANCEL = "cancel"
PAUSE = "pause_julia"
ACKNOWLEDGE = "acknowledge_incident"
OPEN_ADMIN = "open_admin"

LONGEST_HEADER = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing measured, in people's form: its value, its threshold, and what to do where it is violated."""

    name: str
    shown: str
    threshold: str
    is_ok: bool
    action: str = ""


def question(text: str, *, id_: UUID, yes: str) -> list[Block]:
    """Ask back, with two buttons that carry the question's id."""
    buttons = [
        ButtonElement(action_id=CONFIRM, value=str(id_), text=yes, style="danger"),
        ButtonElement(action_id=CANCEL, value=str(id_), text=_("Cancel")),
    ]
    note = _("Valid for 5 minutes, for who asked, once.")
    return [section(text), ActionsBlock(elements=buttons), ContextBlock(elements=[PlainTextObject(text=note)])]


def health(lines: Sequence[Line], *, title: str) -> list[Block]:
    """Show what was measured against its thresholds, what is violated first."""
    ordered = sorted(lines, key=lambda line: line.is_ok)
    return [_header(title), *(section(_measured(line)) for line in ordered)]


def daily_summary(text: str, *, admin_url: str) -> list[Block]:
    """The day as `canary.daily_summary` words it, in Slack's markup, and the way to stop or to look closer."""
    buttons = [_pause_button(), _admin_button(admin_url)]
    return [*paragraphs(text), ActionsBlock(elements=buttons)]


def paragraphs(text: str) -> list[Block]:
    """Lay out lines of text in as many sections as Slack needs for them."""
    parts = [""]
    for line in text.splitlines():
        if len(parts[-1]) + len(line) >= LONGEST_SECTION:
            parts.append("")
        parts[-1] = f"{parts[-1]}\n{line}".lstrip("\n")
    return [section(part) for part in parts if part]


def alert(text: str, *, title: str, admin_url: str, incident_id: int | None = None) -> list[Block]:
    """What went wrong, with buttons to stop, to say that somebody looks after it, and to look closer."""
    buttons = [_pause_button(), _admin_button(admin_url)]
    if incident_id is not None:
        buttons.insert(1, acknowledge_button(incident_id))
    return [_header(title), section(escape(text)), ActionsBlock(elements=buttons)]


def incident(text: str, *, incident_id: int, admin_url: str) -> list[Block]:
    """One open incident of a list."""
    return [section(text), ActionsBlock(elements=[acknowledge_button(incident_id), _admin_button(admin_url)])]


def acknowledge_button(incident_id: int) -> ButtonElement:
    """Say that somebody looks after an incident."""
    return ButtonElement(action_id=ACKNOWLEDGE, value=str(incident_id), text=_("I take care of it"))


def _pause_button() -> ButtonElement:
    # Slack asks back by itself: this stop is one step for the server, as `pausar_julia agora` is.
    sure = ConfirmObject(
        title=_("Pause Julia?"),
        text=PlainTextObject(text=_("Nothing is sent any more, replies included, until she is resumed.")),
        confirm=_("Pause Julia"),
        deny=_("Cancel"),
    )
    return ButtonElement(action_id=PAUSE, text=_("Pause Julia"), style="danger", confirm=sure)


def _admin_button(url: str) -> ButtonElement:
    return ButtonElement(action_id=OPEN_ADMIN, url=url, text=_("Open in the admin"))


def _header(title: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=title[:LONGEST_HEADER]))


def _measured(line: Line) -> str:
    state = "✅" if line.is_ok else "🚨"
    threshold = _("threshold")
    shown = f"{state} *{line.name}* {escape(line.shown)} ({threshold} {escape(line.threshold)})"
    return shown if line.is_ok else f"{shown}\n{escape(line.action)}"
