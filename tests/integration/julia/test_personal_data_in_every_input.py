"""Persons put into every input, in every form, well-formed or not: no log line, event, history, metric or answer to a
program shows one of them.

Texts and names cannot be told from other words: they must not be there because nothing writes them, and what people
type as a reason is refused where it holds a phone, an e-mail or a CPF.
"""

from __future__ import annotations

import io
import json
import logging
import logging.config
import os
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from canary.models import Incident
from julia import logs
from julia.access import Level
from outbound import jsonl
from outbound.models import Contact
from tests.factories import handoff as bridges
from tests.factories import outbound as make
from tests.factories import people
from tests.factories import slack as slack_make
from tests.integration.julia.conftest import Console

# A few keep every run honest; PERSONS=100 plays many.
FEW = hypothesis_settings(
    max_examples=int(os.environ.get("PERSONS", "3")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Everything that keeps a record for people to read, and never a person.
RECORDS = (
    "business_events",
    "feature_flag_changes",
    "feature_flags",
    "incidents",
    "incident_events",
    "health_snapshots",
)
PHONE_FORMS = (
    "55{a}{x}{y}", "+55 {a} {x}-{y}", "({a}) {x}-{y}", "{a} {x} {y}", "0{a}{x}{y}", "+55{a} {x}-{y}",
    "{a}\u00a0{x}-{y}", "55{a}{x}{y}@s.whatsapp.net", "wa.me/55{a}{x}{y}", "tel:+55-{a}-{x}-{y}",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A person, and what would give her away."""

    digits: str
    phone: str
    email: str
    cpf: str
    name: str
    text: str
    token: str

    @property
    def detectable(self) -> str:
        return f"{self.phone} {self.email} {self.cpf}"

    @property
    def everything(self) -> str:
        return f"{self.name}: {self.text} {self.detectable} Bearer {self.token}"

    def traces_in(self, place: str) -> list[str]:
        """What of her stands in a text, the last eight digits of her phone in whatever grouping."""
        tail = re.search(r"[\s().\-]*".join(self.digits[-8:]), place)
        words = [self.email, self.cpf, self.name, self.text, self.token]
        return [word for word in words if word.lower() in place.lower()] + ([tail.group()] if tail else [])


# There is no other: a phone in one that is not given out is refused.
AREAS = [
    *range(11, 20), 21, 22, 24, 27, 28, *range(31, 36), 37, 38, *range(41, 50), 51, 53, 54, 55,
    *range(61, 70), 71, 73, 74, 75, 77, 79, *range(81, 90), *range(91, 100),
]  # fmt: skip


@st.composite
def someone(draw: st.DrawFn) -> Someone:
    area = draw(st.sampled_from(AREAS))
    number = str(draw(st.integers(910_000_000, 999_999_999)))
    form = draw(st.sampled_from(PHONE_FORMS))
    word = draw(st.text("abcdefghijklmnop", min_size=6, max_size=10))
    cpf = str(draw(st.integers(10_000_000_000, 99_999_999_999)))
    return Someone(
        digits=f"55{area}{number}",
        phone=form.format(a=area, x=number[:5], y=number[5:]),
        email=f"{word}.souza@hospital-{word}.org.br",
        cpf=f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}",
        name=f"Quitéria {word.title()}ndes",
        text=f"Olá, {word}zinha! Amanhã na Ala Sul, leito {word}?",
        token=f"tok-{word}-{cpf}xyz",
    )


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """All that is logged, down to DEBUG, as production writes it."""
    stream = io.StringIO()
    conf = logs.configuration(level="DEBUG", in_production=True)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.config.DictConfigurator(conf).configure_formatter(conf["formatters"]["line"]))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream.getvalue
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.fixture
def shown(written: Callable[[], str]) -> Callable[[], str]:
    """All that is shown to whoever watches: the log, the records, health, probes and metrics."""

    def collect() -> str:
        with connection.cursor() as cursor:
            existing = [name for name in RECORDS if name in connection.introspection.table_names(cursor)]
            parts = []
            for table in existing:
                cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")  # noqa: S608 - written above
                parts.append(cursor.fetchone()[0])
        watched = [Client().get(path).content.decode() for path in ("/healthz", "/readyz")]
        metrics = people.browser(Level.VIEWER).get(reverse("admin:django_rq_dashboard_changelist") + "metrics")
        return "\n".join([*parts, *watched, metrics.content.decode(errors="replace"), health(), written()])

    return collect


def health() -> str:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(out), suppress(SystemExit, CommandError):
        call_command("health", stdout=out, stderr=out)
    return out.getvalue()


def lines_about(person: Someone) -> list[str]:
    """Good lines, and each way of getting one wrong."""
    good = {"telefone": person.digits, "nome": person.name, "method": "campaign", "text": person.everything}
    wrong: list[dict[str, Any]] = [
        {**good, "telefone": person.phone},
        {**good, "telefone": person.everything},
        {**good, "actor_id": person.detectable},
        {**good, "template_ref": person.detectable},
        {**good, "bypass_reason": person.everything},
        {**good, "method": person.everything},
        {**good, "conversation_id": person.everything},
        {**good, person.detectable: 1},
        {person.phone: person.everything},
        {**good, "text": [person.everything]},
    ]
    return [*(json.dumps(line) for line in (good, *wrong)), person.everything, f'{{"text": "{person.everything}']


@FEW
@given(someone())
def test_lines_to_enqueue(outbox_ready: None, shown: Callable[[], str], person: Someone) -> None:
    answers = list(jsonl.enqueue_lines(lines_about(person), clock=timezone.now))

    # The same person may come again.
    assert answers[0]["result"] in {"queued", "deduped"}
    assert "invalid" in {answer["result"] for answer in answers}
    assert person.traces_in(json.dumps(answers, ensure_ascii=False)) == []
    assert person.traces_in(shown()) == []


def envelopes_about(person: Someone) -> list[bytes]:
    key = {"remoteJid": f"{person.digits}@s.whatsapp.net", "fromMe": False, "id": "3EB0" + person.digits[-6:]}
    data = {
        "key": key,
        "pushName": person.name,
        "message": {"conversation": person.everything},
        "messageTimestamp": int(timezone.now().timestamp()),
    }
    good = {"event": "messages.upsert", "instance": "julia", "data": data, "apikey": person.token}
    wrong = [
        {**good, "event": "send.message", "data": {**data, "key": {**key, "fromMe": True}}},
        {**good, "instance": person.phone},
        {**good, "event": person.everything},
        {**good, "data": person.everything},
        {**good, "data": {**data, "messageTimestamp": person.everything}},
        {**good, "data": {**data, "key": {**key, "id": person.everything * 9}}},
        {**good, "event": "messages.update", "data": {"fromMe": True, "status": person.phone, "keyId": person.email}},
    ]
    return [*(json.dumps(body).encode() for body in (good, *wrong)), person.everything.encode()]


@FEW
@given(someone())
def test_webhooks_with_and_without_the_token(
    outbox_ready: None, settings: Any, shown: Callable[[], str], person: Someone
) -> None:
    settings.INBOUND_CREATES_CONTACTS = True
    settings.EVOLUTION_WEBHOOK_TOKEN = "right-token"
    client = Client(raise_request_exception=False)

    answers = [
        client.post("/webhooks/evolution/", body, content_type="application/json", headers={"Authorization": token})
        for body in envelopes_about(person)
        for token in ("Bearer right-token", f"Bearer {person.token}")
    ]

    assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 422}
    assert person.traces_in("".join(answer.content.decode() for answer in answers)) == []
    assert person.traces_in(shown()) == []


@FEW
@given(someone())
def test_slack_commands_buttons_and_forms(console: Console, shown: Callable[[], str], person: Someone) -> None:
    # The same person may come again.
    Contact.objects.filter(phone=person.digits).exists() or make.contact(phone=person.digits, name=person.name)
    lines = [
        person.everything,
        f"explicar {person.phone}",
        f"optout {person.phone} motivo {person.detectable}",
        f"pausar_julia {person.detectable}",
        f"toggle_campanhas off {person.detectable}",
    ]

    for line in lines:
        console.send(slack_make.sign(slack_make.slash(line, response_url=console.slack.response_url)))
        console.send(slack_make.sign(slack_make.slash(line), secret="another"))
    console.send(slack_make.sign(slack_make.clicked(person.everything, value=person.everything)), "/slack/interactions")
    console.send(
        slack_make.sign(slack_make.submitted(phone=person.phone, text=person.everything, reason=person.detectable)),
        "/slack/interactions",
    )

    assert person.traces_in(shown()) == []


@FEW
@given(someone())
def test_reasons_in_the_admin(outbox_ready: None, shown: Callable[[], str], person: Someone) -> None:
    now = timezone.now()
    client = people.browser(Level.ADMIN)
    contact = make.contact()
    message = make.queued(contact, now=now)
    incident = Incident.objects.create(
        severity="P1", kind="x", subject=str(message.pk), opened_at=now, opened_by="system", last_seen_at=now
    )
    bridges.switch_on()
    bridge = bridges.opened(now=now)
    typed = {"reason": person.detectable, "seen": 0, "to_pct": 0, "word": "sent"}
    pages = [
        reverse("admin:panel_switch", args=["julia", "off"]),
        reverse("admin:panel_canary", args=["rollback"]),
        reverse("admin:panel_incident", args=[incident.pk, "resolve"]),
        reverse("admin:outbound_contact_opt_out", args=[contact.pk]),
        reverse("admin:outbound_outboundmessage_cancel", args=[message.pk]),
    ]

    asked_again = [client.post(page, typed).status_code for page in pages]
    # Refused for other reasons: there is no evidence to grow on, and it is no message without proof.
    client.post(reverse("admin:panel_canary", args=["promote"]), typed)
    client.post(reverse("admin:outbound_outboundmessage_settle", args=[message.pk]), typed)
    order = {**typed, "action": "expire", "_selected_action": [str(bridge.pk)]}
    client.post(reverse("admin:handoff_externalhandoff_changelist"), order)
    client.post(reverse("admin:outbound_contact_search"), {"term": person.everything})
    Client().post(reverse("admin:login"), {"username": person.email, "password": person.token})

    assert set(asked_again) == {200}
    contact.refresh_from_db()
    assert contact.opted_out_reason == ""
    assert person.traces_in(shown()) == []


@FEW
@given(someone())
def test_links_addresses_and_headers(outbox_ready: None, shown: Callable[[], str], person: Someone) -> None:
    client = Client(raise_request_exception=False)
    headers: dict[str, Any] = {
        "HTTP_USER_AGENT": person.detectable,
        "HTTP_REFERER": f"https://x.example/?{quote(person.detectable)}",
        "HTTP_COOKIE": f"sessionid={quote(person.token)}",
        "HTTP_X_FORWARDED_FOR": "203.0.113.7",
    }

    answers = [
        client.get(f"/handoff/confirm?t={quote(person.everything)}", **headers),
        client.post(f"/handoff/confirm?t={person.token}", {"t": person.everything}, **headers),
        client.get(f"/nada/{quote(person.detectable)}", **headers),
        client.get(f"/admin/?next={quote(person.detectable)}", **headers),
        client.get("/admin/login/", **{**headers, "HTTP_HOST": "elsewhere.example"}),
        client.post("/slack/commands", {"text": person.everything}, **headers),
    ]

    # What one asked for may stand in where one is led; pages and logs show none of it.
    assert person.traces_in("".join(answer.content.decode() for answer in answers)) == []
    assert person.traces_in(shown()) == []
