"""The way in for programs, `manage.py enqueue --jsonl -`, as a process: every bad line is answered with its number and
the field to mend, the others go on, nothing is half-written (issue 2, "Bad input").
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from canary.models import BusinessEvent
from julia.processes import BASE_DIR
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound as make

Enqueue = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def enqueue(outbox_ready: None, process_env: dict[str, str]) -> Enqueue:
    """Run the command over lines: dictionaries become JSON, anything else goes in as it is."""

    def run(lines: Sequence[dict[str, Any] | str | bytes], *, file: Path | str = "-") -> Any:
        encoded = [
            line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
            for line in lines
        ]
        return subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), "enqueue", "--jsonl", str(file)],
            input=b"\n".join(encoded) + b"\n",
            capture_output=True,
            timeout=120,
            check=False,
            env={**os.environ, **process_env, "PYTHONUTF8": "1"},
        )

    return run


def _answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def _good(number: int, **changes: Any) -> dict[str, Any]:
    return {"telefone": f"1198000{number:04}", "method": "campaign", "text": f"Plantão {number}", **changes}


# What is wrong, and the field that the answer must name (None: the line as a whole).
BAD_LINES: list[tuple[dict[str, Any] | str | bytes, str | None]] = [
    (_good(1, method="spam"), "method"),  # unknown
    ({"telefone": "11980000002", "text": "x"}, "method"),  # missing
    (_good(3, method=["campaign"]), "method"),  # not even text
    (_good(4, telefone="123"), "telefone"),  # impossible
    (_good(5, telefone="+55 00 00000-0000"), "telefone"),
    (_good(6, telefone="ligue já"), "telefone"),
    (_good(7, telefone=""), "telefone"),
    ({"method": "campaign", "text": "x"}, "telefone"),  # missing
    (_good(9, telefone=11980000009), "telefone"),  # a number, which would lose leading zeros
    (_good(10, text=""), "text"),
    (_good(11, text=" \n\t"), "text"),
    ({"telefone": "11980000012", "method": "campaign"}, "text"),
    (_good(13, text="x" * 4097), "text"),  # one more than WhatsApp takes
    (_good(14, text="x" * 100_000), "text"),  # 100 kB
    (_good(15, text="a\x00b"), "text"),  # what PostgreSQL cannot store
    (_good(16, text="\ud800"), "text"),  # half of a character
    (_good(17, kind="paciente"), "kind"),
    (_good(18, channel="fax"), "channel"),
    (_good(19, actor_type="gato"), "actor_type"),
    (_good(20, conversation_id="abc"), "conversation_id"),
    (_good(21, inbound_interaction_id="abc"), "inbound_interaction_id"),
    (_good(22, bypass_reason=""), "bypass_reason"),  # missing
    (_good(23, bypass_reason="ligou de 11 98765-4321"), "bypass_reason"),  # goes into events
    (_good(24, actor_id="ana@example.org"), "actor_id"),
    (_good(25, template_ref="x" * 201), "template_ref"),
    (_good(26, texto="typo"), "texto"),  # a field nobody knows
    ('{"telefone": "11980000027", ', None),  # cut off
    ("não é JSON", None),
    ('["11980000029", "campaign"]', None),
    ('"11980000030"', None),
    ("[" * 50_000, None),
    (b'{"telefone": "11980000032", "method": "campaign", "text": "Ol\xe1"}', "text"),  # Latin-1
]


def test_every_bad_line_is_answered_in_its_place_and_the_good_ones_are_queued(enqueue: Enqueue) -> None:
    lines: list[dict[str, Any] | str | bytes] = [_good(1000)]
    for number, (bad, _) in enumerate(BAD_LINES):
        lines += [bad, _good(1001 + number)]

    done = enqueue(lines)

    answers = _answers(done)
    assert len(answers) == len(lines)
    assert [answer["result"] for answer in answers[::2]] == ["queued"] * (len(BAD_LINES) + 1)
    wrong = []
    for index, (answer, (_, field)) in enumerate(zip(answers[1::2], BAD_LINES, strict=True)):
        place = f"linha {2 * index + 2}, {field}:" if field else f"linha {2 * index + 2}:"
        if answer["result"] != "invalid" or answer["id"] is not None or not answer["reason"].startswith(place):
            wrong.append((place, answer))
    assert wrong == []
    # Nothing of the bad ones was written, not even their contacts.
    assert OutboundMessage.objects.count() == len(BAD_LINES) + 1
    assert Contact.objects.count() == len(BAD_LINES) + 1
    assert not BusinessEvent.objects.filter(event_type__startswith="outbound").exists()
    # Programs see it in the exit status, people in the last line.
    assert done.returncode == 1
    assert str(len(BAD_LINES)) in done.stderr.decode().splitlines()[-1]


def test_good_lines_alone_exit_with_0(enqueue: Enqueue, tmp_path: Path) -> None:
    file = tmp_path / "mensagens.jsonl"
    file.write_text("\n".join(["", json.dumps(_good(1)), "  ", json.dumps(_good(2)), ""]), encoding="utf-8")

    done = enqueue([], file=file)

    assert done.returncode == 0
    # The log's line of what was queued, and no complaint.
    assert ["outbound_queued" in line for line in done.stderr.decode().splitlines()] == [True]
    assert [answer["result"] for answer in _answers(done)] == ["queued", "queued"]
    ids = [UUID(answer["id"]) for answer in _answers(done)]
    assert list(OutboundMessage.objects.order_by("text").values_list("pk", flat=True)) == ids


def test_a_file_that_cannot_be_read_is_said_so(enqueue: Enqueue, tmp_path: Path) -> None:
    done = enqueue([], file=tmp_path / "nenhum.jsonl")

    assert done.returncode == 1
    assert b"nenhum.jsonl" in done.stderr
    assert b"Traceback" not in done.stderr


def test_with_and_without_the_ninth_digit_is_one_person(enqueue: Enqueue) -> None:
    spellings = ["11987654321", "1187654321", "+55 11 98765-4321", "55 (11) 8765-4321", "5511987654321"]

    answers = _answers(enqueue([_good(number, telefone=phone) for number, phone in enumerate(spellings)]))

    assert [answer["result"] for answer in answers] == ["queued"] * len(spellings)
    assert Contact.objects.get().phone == "5511987654321"


def test_a_repeat_is_answered_with_the_message_it_repeats(enqueue: Enqueue) -> None:
    first, repeat, again = _answers(enqueue([_good(1), _good(1, nome="Ana"), _good(1, telefone="+55 11 98000-0001")]))

    assert first["result"] == "queued"
    assert (repeat["result"], repeat["id"]) == ("deduped", first["id"])
    assert (again["result"], again["id"]) == ("deduped", first["id"])


def test_phones_of_the_whole_world_are_queued_or_refused_one_by_one(enqueue: Enqueue) -> None:
    phones = [
        "+1 202 555 0143",  # United States
        "+683 4002",  # Niue: seven digits in all
        "+49 1512 3456789",  # Germany
    ]

    answers = _answers(enqueue([_good(number, telefone=phone) for number, phone in enumerate(phones)]))

    assert len(answers) == len(phones)
    assert answers[2]["result"] == "queued"
    assert all(answer["result"] == "queued" or "telefone" in answer["reason"] for answer in answers)


def test_thousands_of_lines_are_answered_in_order(enqueue: Enqueue) -> None:
    lines = [_good(number % 2000, text=f"{number}") for number in range(2500)]
    lines[1500] = {"telefone": "1"}

    answers = _answers(enqueue(lines))

    assert [answer["result"] for answer in answers] == ["queued"] * 1500 + ["invalid"] + ["queued"] * 999
    assert answers[1500]["reason"].startswith("linha 1501, ")
    assert OutboundMessage.objects.count() == 2499


def test_a_bypass_without_its_reason_never_reaches_who_opted_out(
    enqueue: Enqueue, sandbox: RunningSandbox, dispatcher: Dispatcher, now: Any
) -> None:
    person = make.contact(opted_out_at=now)
    line = {
        "telefone": person.phone, "method": "manual", "text": "Segue o contrato", "channel": "slack",
        "actor_type": "human", "actor_id": "ana",
    }  # fmt: skip

    (answer,) = _answers(enqueue([line]))
    dispatcher.drain(seconds=10)

    if answer["result"] == "queued":
        message = OutboundMessage.objects.get()
        assert (message.status, message.reason) == ("blocked", "opted_out_bypass_no_reason")
    else:
        assert "bypass_reason" in answer["reason"]
    assert sandbox.requests() == []
