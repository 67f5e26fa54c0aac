"""What becomes of a request of Slack's: who asks for what, may he, is it the first time, is he sure; then it is done.

Effects come last, each in one transaction: a request that the database breaks off before has changed nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from julia.slack import actions, blocks, commands, confirmations, handover, modal, outlook, permissions, replay, words
from julia.slack.answers import Answer, Audience
from julia.slack.commands import Command, Malformed, Name, Unknown
from julia.slack.confirmations import Void
from julia.slack.payloads import Asker, Click, SlashCommand, Submission
from julia.slack.permissions import Operator, RefusedError
from julia.slack.replay import RepeatedError

INCIDENT_NUMBER = re.compile(r"[0-9]{1,18}")


def command(asked: SlashCommand, *, key: str, now: datetime) -> Answer:
    """Answer a slash command; a critical one is answered with a question."""
    try:
        operator = permissions.admit(asked.asker, now=now)
        match commands.parse(asked.line):
            case Unknown() as unknown:
                return words.unknown(unknown)
            case Malformed() as malformed:
                return words.malformed(malformed)
            case wanted:
                permissions.require(operator, wanted, now=now)
                return _answer(wanted, asked, operator=operator, key=key, now=now)
    except RefusedError as error:
        return words.refused(error.why)
    except RepeatedError:
        return words.repeated()


def click(pressed: Click, *, key: str, now: datetime) -> Answer:
    """Answer a button."""
    try:
        operator = permissions.admit(pressed.asker, now=now)
        match pressed.action:
            case blocks.CONFIRM | blocks.CANCEL:
                return _decide(pressed, operator=operator, now=now)
            case blocks.PAUSE:
                return _pause(operator, key=key, now=now)
            case blocks.ACKNOWLEDGE:
                return _acknowledge(pressed, operator=operator, now=now)
            case _:
                return words.unknown(Unknown(nearest=Name.HELP))
    except RefusedError as error:
        return words.refused(error.why)
    except RepeatedError:
        return words.repeated()


def submission(sent: Submission, *, key: str, now: datetime) -> Answer:
    """Take in what the form of `enviar` says.

    Raises:
        FieldError: when a field is to be mended; nothing was enqueued.
    """
    try:
        operator = permissions.admit(sent.asker, now=now)
        permissions.require(operator, Command(name=Name.SEND), now=now)
        replay.claim(key=key, now=now)
        return modal.send(sent.fields, operator=operator, now=now)
    except RefusedError as error:
        return words.refused(error.why)
    except RepeatedError:
        return words.repeated()


def carry_out(wanted: Command, *, asker: Asker, now: datetime) -> Answer:
    """Do what a worker was asked to do, if its asker still may."""
    try:
        operator = permissions.admit(asker, now=now)
        permissions.require(operator, wanted, now=now)
    except RefusedError as error:
        return words.refused(error.why)
    return actions.perform(wanted, operator=operator, now=now)


def _answer(wanted: Command, asked: SlashCommand, *, operator: Operator, key: str, now: datetime) -> Answer:
    if wanted.is_reading:
        return actions.perform(wanted, operator=operator, now=now)
    replay.claim(key=key, now=now)
    if wanted.name is Name.SEND:
        return modal.open_(wanted, trigger_id=asked.trigger_id, channel_id=asked.asker.channel_id)
    if wanted.at_once:
        return actions.perform(wanted, operator=operator, now=now)
    return _ask(wanted, operator=operator, now=now)


def _ask(wanted: Command, *, operator: Operator, now: datetime) -> Answer:
    text = outlook.question(wanted)
    id_ = confirmations.ask(wanted, slack_user_id=operator.asker.user_id, actor=operator.name, now=now)
    asked = blocks.question(text, id_=id_, yes=_("Confirm"))
    # Everybody sees what is about to happen, unless it is about one person.
    return Answer(text=text, blocks=asked, audience=Audience.ASKER if wanted.phone else Audience.CHANNEL)


def _decide(pressed: Click, *, operator: Operator, now: datetime) -> Answer:
    is_confirmed = pressed.action == blocks.CONFIRM
    wanted = confirmations.decide(
        id_=pressed.value, slack_user_id=operator.asker.user_id, is_confirmed=is_confirmed, now=now
    )
    if isinstance(wanted, Void):
        return words.void(wanted)
    if not is_confirmed:
        return words.cancelled()
    permissions.require(operator, wanted, now=now)
    if wanted.is_slow:
        is_taken = handover.carry_out(wanted, asker=operator.asker, response_url=pressed.response_url)
        return replace(words.under_way() if is_taken else words.no_worker(), replaces=True)
    return replace(actions.perform(wanted, operator=operator, now=now), replaces=True)


def _pause(operator: Operator, *, key: str, now: datetime) -> Answer:
    wanted = Command(name=Name.PAUSE, at_once=True)
    permissions.require(operator, wanted, now=now)
    replay.claim(key=key, now=now)
    return actions.perform(wanted, operator=operator, now=now)


def _acknowledge(pressed: Click, *, operator: Operator, now: datetime) -> Answer:
    # Looking after an incident takes what stopping Julia takes.
    permissions.require(operator, Command(name=Name.PAUSE), now=now)
    if not INCIDENT_NUMBER.fullmatch(pressed.value):
        return words.unknown(Unknown(nearest=Name.INCIDENTS))
    return actions.acknowledge(incident_id=int(pressed.value), operator=operator, now=now)
