"""The form of `enviar`: one message past the rules, by a person, with a reason; opened filled in, checked, enqueued."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from julia.slack.answers import Answer, section
from julia.slack.commands import LONGEST_REASON, Command, printable
from julia.slack.permissions import Operator
from outbound import contacts, outbox, phones
from outbound.contacts import Person
from outbound.methods import ActorType, Channel, Method
from outbound.outbox import Deduped, InvalidMessageError, NewMessage

logger = logging.getLogger(__name__)

CALLBACK = "send"
# A trigger is good for 3 s.
TIMEOUT_S = 1
# Slack's own limit for a text field.
LONGEST_INPUT = 3000
FIELD_OF = {"text": "text", "bypass_reason": "reason"}


class FieldError(ValueError):
    """What is wrong in which field of the modal, in words for its writer; nothing was enqueued."""

    def __init__(self, *, field: str, problem: str) -> None:
        super().__init__(field)
        self.field = field
        self.problem = problem


def open_(command: Command, *, trigger_id: str, channel_id: str) -> Answer:
    """Show the form, with what was written filled in."""
    if not settings.SLACK_BOT_TOKEN:
        return Answer(text=_("I cannot open the form: SLACK_BOT_TOKEN is not set. Nothing was sent."))
    client = WebClient(
        token=settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=TIMEOUT_S, retry_handlers=[]
    )
    try:
        client.views_open(trigger_id=trigger_id, view=form(command, channel_id=channel_id))
    except (SlackClientError, OSError, HTTPException) as error:
        logger.warning("Slack did not open the form (%s).", type(error).__name__)
        return Answer(text=_("Slack did not open the form. Nothing was sent; try again."))
    return Answer(text=_("Fill in the form and send it; until then nothing is sent."))


def form(command: Command, *, channel_id: str) -> View:
    """The form: phone, reason of the bypass, text."""
    return View(
        type="modal",
        callback_id=CALLBACK,
        private_metadata=channel_id,
        title=_("Send a message"),
        submit=_("Send"),
        close=_("Cancel"),
        blocks=[
            section(_("It leaves past the rules that a person may step over, and your reason stands in the record.")),
            _input("phone", _("Phone"), initial=command.phone),
            _input("reason", _("Why (no personal data)"), initial=command.reason, longest=LONGEST_REASON),
            _input("text", _("Text"), initial=command.text, is_long=True),
        ],
    )


@transaction.atomic(durable=True)
def send(fields: Mapping[str, str], *, operator: Operator, now: datetime) -> Answer:
    """Enqueue what the form says.

    Raises:
        FieldError: naming the field to mend.
    """
    reason, text = (printable(fields.get(name, "")) for name in ("reason", "text"))
    if not reason:
        raise FieldError(field="reason", problem=_("Say why: the bypass needs a reason."))
    message = NewMessage(
        cliente_id=_contact(fields.get("phone", "")),
        method=Method.MANUAL,
        channel=Channel.SLACK,
        actor_type=ActorType.HUMAN,
        actor_id=operator.name,
        bypass_reason=reason,
        text=text,
    )
    try:
        result = outbox.enqueue(message, now=now)
    except InvalidMessageError as error:
        raise FieldError(field=FIELD_OF.get(error.field, "text"), problem=error.problem) from error
    if isinstance(result, Deduped):
        return Answer(text=_("The same message to the same person is on its way already; it was not sent again."))
    return Answer(
        text=_("In the queue: `{id}`. It leaves as soon as no rule that holds for everybody stands against it.").format(
            id=result.id
        )
    )


def shown(answer: Answer) -> dict[str, Any]:
    """The modal with what became of it."""
    view = View(type="modal", title=_("Send a message"), close=_("Close"), blocks=[section(answer.text)])
    return {"response_action": "update", "view": view.to_dict()}


def errors(error: FieldError) -> dict[str, Any]:
    """The form again, with what is wrong under its field."""
    return {"response_action": "errors", "errors": {error.field: error.problem}}


def _contact(raw: str) -> Any:
    try:
        phone = phones.normalise(raw)
    except phones.InvalidPhoneError as error:
        problem = _("This is no phone number: use area code and number, as in 11987654321.")
        raise FieldError(field="phone", problem=problem) from error
    return contacts.find_or_create([Person(phone=phone)])[phone]


def _input(
    block_id: str, label: str, *, initial: str, longest: int = LONGEST_INPUT, is_long: bool = False
) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        label=PlainTextObject(text=label),
        element=PlainTextInputElement(
            action_id="value", initial_value=initial[:longest] or None, multiline=is_long, max_length=longest
        ),
    )
