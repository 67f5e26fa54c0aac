"""What doctors and divulgadores read in the chat."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from handoff import tokens
from handoff.models import ExternalHandoff, Vaga
from handoff.states import Decision, HandoffStatus
from handoff.tokens import Link
from outbound.models import Contact


def shift(vaga: Vaga) -> str:
    """Describe a vaga in one line: hospital, date, period, value."""
    return f"{vaga.hospital}, {day(vaga)}, {vaga.period}, {value(vaga)}"


def day(vaga: Vaga) -> str:
    """Write a vaga's date with its weekday."""
    return date_format(vaga.date, "l, d/m/Y")


def value(vaga: Vaga) -> str:
    """Write what a vaga pays."""
    return f"R$ {number_format(vaga.value, 2, force_grouping=True)}"


def link(handoff: ExternalHandoff, decision: Decision) -> str:
    """Build the link by which the divulgador says so of the bridge."""
    token = tokens.issue(Link(handoff_id=handoff.pk, decision=decision), expires_at=handoff.expires_at)
    return f"{settings.PUBLIC_BASE_URL}{reverse('handoff_confirm')}?t={token}"


def doctor_contact(handoff: ExternalHandoff) -> str:
    """Give the doctor the divulgador's contact."""
    return _(
        "Who advertised the shift {shift} is {contact}.\nTalk to each other; as soon as it is settled I tell you."
    ).format(shift=shift(handoff.vaga), contact=_contact(handoff.divulgador))


def request(handoff: ExternalHandoff) -> str:
    """Give the divulgador the doctor's contact, the shift, and the two links."""
    return _("Hello, {name}! A doctor wants your shift: {shift}.\nContact: {contact}\n\n{links}").format(
        name=_name(handoff.divulgador),
        shift=shift(handoff.vaga),
        contact=_contact(handoff.doctor),
        links=_links(handoff),
    )


def followup(handoff: ExternalHandoff) -> str:
    """Ask the divulgador again."""
    return _("Hello, {name}! Any news about the shift {shift} with {doctor}?\n\n{links}").format(
        name=_name(handoff.divulgador),
        shift=shift(handoff.vaga),
        doctor=_name(handoff.doctor),
        links=_links(handoff),
    )


def doctor_outcome(handoff: ExternalHandoff) -> str:
    """Tell the doctor how it ended."""
    words = {
        HandoffStatus.CONFIRMED: _("Good news: {name} confirmed your shift {shift}."),
        HandoffStatus.NOT_CONFIRMED: _(
            "{name} says that the shift {shift} was not settled with you. It is open again."
        ),
        HandoffStatus.EXPIRED: _("{name} did not answer in time about the shift {shift}. It is open again."),
    }
    return words[HandoffStatus(handoff.status)].format(name=_name(handoff.divulgador), shift=shift(handoff.vaga))


def divulgador_outcome(handoff: ExternalHandoff) -> str:
    """Tell the divulgador what was recorded, or that his time is over."""
    words = {
        HandoffStatus.CONFIRMED: _(
            "Recorded: the shift {shift} is settled with {name}. If that is wrong, answer here."
        ),
        HandoffStatus.NOT_CONFIRMED: _(
            "Recorded: the shift {shift} was not settled with {name}. If that is wrong, answer here."
        ),
        HandoffStatus.EXPIRED: _("The time to answer about the shift {shift} with {name} is over; it is open again."),
    }
    return words[HandoffStatus(handoff.status)].format(name=_name(handoff.doctor), shift=shift(handoff.vaga))


def reverted(handoff: ExternalHandoff) -> str:
    """Tell either of them that the confirmation was a mistake."""
    return _(
        "Correction: the confirmation of the shift {shift} was a mistake and has been undone. It is open again."
    ).format(shift=shift(handoff.vaga))


def which(handoffs: Sequence[ExternalHandoff], decision: Decision) -> str:
    """Ask the divulgador of which of his bridges he said so."""
    lines = [f"{number}. {shift(one.vaga)} ({_name(one.doctor)})" for number, one in enumerate(handoffs, start=1)]
    question = {
        Decision.CONFIRMED: _("Which one was settled? Answer with its number."),
        Decision.NOT_CONFIRMED: _("Which one was not settled? Answer with its number."),
    }
    return "\n".join([question[decision], *lines])


def _links(handoff: ExternalHandoff) -> str:
    return _("Settled: {yes}\n\nNot settled: {no}\n\nOr answer here CONFIRMADO or NÃO FECHOU.").format(
        yes=link(handoff, Decision.CONFIRMED), no=link(handoff, Decision.NOT_CONFIRMED)
    )


def _name(contact: Contact) -> str:
    return contact.name or _phone(contact)


def _contact(contact: Contact) -> str:
    return f"{contact.name}, {_phone(contact)}" if contact.name else _phone(contact)


def _phone(contact: Contact) -> str:
    number = phonenumbers.parse(f"+{contact.phone}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
