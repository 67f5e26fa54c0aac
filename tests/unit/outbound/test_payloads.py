"""The provider's JSON, both ways (spec/evolution-api.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.evolution.payloads import SentRecord, find_messages, send_text, sent_records

AT = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def page(*records, pages=1):
    return {"messages": {"total": len(records), "pages": pages, "currentPage": 1, "records": list(records)}}


def record(message, identifier="3EB0AA"):
    key = {"id": identifier, "fromMe": True, "remoteJid": "553187654321@s.whatsapp.net"}
    return {"id": "c1", "key": key, "message": message, "messageType": "conversation", "messageTimestamp": 1764000000}


def test_a_message_never_has_its_links_previewed():
    assert send_text(phone="5511987654321", text="Oi") == {
        "number": "5511987654321",
        "text": "Oi",
        "linkPreview": False,
    }


def test_a_question_names_one_jid_and_both_ends_of_the_time():
    in_sao_paulo = AT.astimezone(timezone(timedelta(hours=-3)))

    body = find_messages(jid="553187654321@s.whatsapp.net", since=in_sao_paulo, until=AT, page=2, page_size=50)

    assert body == {
        "where": {
            "key": {"remoteJid": "553187654321@s.whatsapp.net", "fromMe": True},
            "messageTimestamp": {"gte": "2026-11-23T12:30:00Z", "lte": "2026-11-23T12:30:00Z"},
        },
        "page": 2,
        "offset": 50,
    }


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"conversation": "Oi"}, "Oi"),  # a plain text
        ({"extendedTextMessage": {"text": "Veja https://x.example"}}, "Veja https://x.example"),  # one with a link
        ({"imageMessage": {"caption": "Oi"}}, ""),  # nothing we send
        ({}, ""),
        (None, ""),
    ],
)
def test_a_record_has_the_text_that_was_sent(message, text):
    assert sent_records(page(record(message))) == ([SentRecord(provider_message_id="3EB0AA", text=text)], 1)


def test_records_keep_their_order_and_the_pages_are_told():
    records, pages = sent_records(page(record({}, "B"), record({}, "A"), pages=3))

    assert [each.provider_message_id for each in records] == ["B", "A"]
    assert pages == 3


def test_an_empty_answer_is_an_answer():
    assert sent_records(page(pages=0)) == ([], 0)


@pytest.mark.parametrize(
    "body",
    [
        None,  # no JSON
        [],
        "ok",
        {},
        {"messages": []},
        {"messages": {"records": []}},  # without pages nobody knows whether it is whole
        {"messages": {"pages": 1}},
        {"messages": {"pages": "?", "records": []}},
        {"messages": {"pages": 1, "records": None}},
        {"messages": {"pages": 1, "records": ["?"]}},
        page({"message": {"conversation": "Oi"}}),  # a record without its key
        page({"key": {}, "message": {}}),
    ],
)
def test_what_is_no_answer_is_told_apart_from_an_empty_one(body):
    with pytest.raises(ValueError, match=r"."):
        sent_records(body)


names = st.sampled_from(["messages", "records", "pages", "key", "id", "message", "conversation", "extendedTextMessage"])
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(json | st.builds(lambda records, pages: {"messages": {"records": records, "pages": pages}}, json, json))
def test_any_answer_is_read_or_refused_with_a_value_error(body):
    try:
        records, pages = sent_records(body)
    except ValueError:
        return
    assert isinstance(pages, int)
    assert all(isinstance(each, SentRecord) for each in records)
