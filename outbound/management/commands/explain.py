"""`manage.py explain TELEFONE --method campaign`: which rules would stop a message now."""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from rich.table import Table

from canary.terminal import console_of
from outbound import phones
from outbound.guardrails.decision import Decision, Outcome
from outbound.guardrails.explain import Explanation, explain
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.wording import MEANINGS, OUTCOMES, REMEDIES
from outbound.methods import ActorType, Channel, Method
from outbound.models import Contact

EXAMPLES = """
manage.py explain 11987654321
manage.py explain +5511987654321 --method reply
manage.py explain 11987654321 --method manual --channel slack --actor ana --bypass-reason "pedido dela"
manage.py explain 11987654321 --json
"""


class Command(BaseCommand):
    help = _("Tell which rules would stop a message to this phone now, until when, and what would change it.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("telefone", help=_("phone, in any usual form"))
        parser.add_argument("--method", choices=list(Method), default=Method.CAMPAIGN.value)
        parser.add_argument("--channel", choices=list(Channel), default=Channel.API.value)
        parser.add_argument("--actor", help=_("operator's user name, for a bypass from Slack"))
        parser.add_argument("--bypass-reason", help=_("why the rules should be stepped over"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object, for programs"))

    def handle(self, **options: Any) -> None:
        request = OutboundRequest(
            cliente_id=_contact_id(options["telefone"]),
            method=Method(options["method"]),
            channel=Channel(options["channel"]),
            actor_type=ActorType.HUMAN if options["actor"] else ActorType.SYSTEM,
            actor_id=options["actor"],
            bypass_reason=options["bypass_reason"],
        )
        explanation = explain(request, now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(explanation)))
        else:
            self._show(explanation)

    def _show(self, explanation: Explanation) -> None:
        console = console_of(self)
        decision = explanation.decision
        console.print(f"[bold]{OUTCOMES[decision.outcome]}[/bold]", _until(decision))
        if decision.bypassed:
            console.print(_("Bypassed: {reasons}").format(reasons=", ".join(decision.bypassed)))
        if not explanation.objections:
            return
        table = Table(_("rule"), _("effect"), _("until"), _("why"), _("what would change it"), show_lines=True)
        for objection in explanation.objections:
            if objection.reason:
                table.add_row(
                    objection.reason,
                    str(OUTCOMES[objection.outcome]),
                    _until(objection),
                    str(MEANINGS[objection.reason]),
                    str(REMEDIES[objection.reason]),
                )
        console.print(table)


def _contact_id(raw: str) -> Any:
    try:
        phone = phones.normalise(raw)
    except phones.InvalidPhoneError as error:
        raise CommandError(_("This is no phone number: use area code and number, as in 11987654321.")) from error
    contact_id = Contact.objects.filter(phone=phone).values_list("pk", flat=True).first()
    if contact_id is None:
        raise CommandError(_("No contact has this phone. Contacts are created by enqueueing or importing them."))
    return contact_id


def _until(decision: Decision) -> str:
    if decision.until:
        return _local(decision.until)
    return _("until released") if decision.outcome is Outcome.DEFER else ""


def _local(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D d/m/Y H:i:s")


def _as_json(explanation: Explanation) -> dict[str, Any]:
    return {
        "decision": _decision(explanation.decision),
        "objections": [_decision(objection) for objection in explanation.objections],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "until": decision.until.isoformat() if decision.until else None,
        "details": dict(decision.details),
        "bypassed": list(decision.bypassed),
    }
