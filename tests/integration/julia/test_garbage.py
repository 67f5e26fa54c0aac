"""Garbage at every door: nothing is answered with an error of ours, and nobody unknown writes a row."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from julia.access import Level
from tests.addresses import all_addresses
from tests.factories import outbound as make
from tests.factories import people

# Screens are registered with the URLs.
assert get_resolver().url_patterns
PUBLIC = [
    "/webhooks/evolution/",
    "/slack/commands",
    "/slack/interactions",
    "/handoff/confirm",
    "/healthz",
    "/readyz",
    "/admin/",
    "/admin/login/",
    "/nada",
]
# These answer anybody: with the form to log in, with "you are logged out", with words for scripts.
OPEN_IN_THE_ADMIN = {"/admin/login/", "/admin/logout/", "/admin/jsi18n/"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X" * 40]
GARBAGE = ["x", "\x00", "'; DROP TABLE contacts; --", "é\U0001f600", "-1", "1" * 40, "%25_2F", "../..", "a" * 600]
DAYS = ["9999-12-31", "0001-01-01", "2026-02-30"]
BODIES = [
    ("application/json", b"{"),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"event": "messages.upsert\\u0000", "instance": "\\ud800"}'),
    ("application/json", b'"' + b"x" * (2**20 + 1) + b'"'),  # above the limit
    ("application/x-www-form-urlencoded", b"payload=%00&text=%ff&" + b"a=1&" * 2000),
    ("application/x-www-form-urlencoded", b"username=%00&password=%00&reason=%00&t=%00&ids=%00"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"text=+AAA-"),
    ("application/x-www-form-urlencoded; charset=no-such-thing", b"text=\xff"),
    ("multipart/form-data", b"--x\r\n"),  # no boundary
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n\x00\xff'),
    ("text/\x00", b"\x00" * 1000),
    ("", b"\xff\xfe\x00" * 100),
]
HEADERS: list[dict[str, Any]] = [
    {"HTTP_COOKIE": "sessionid=\x00; csrftoken=é; =; ;;"},
    {"HTTP_COOKIE": "sessionid=" + "x" * 5000},
    {"HTTP_HOST": "a b"},
    {"HTTP_HOST": "[::1"},
    {"HTTP_X_FORWARDED_FOR": "\x00, é, 1.2.3.4.5,,,", "HTTP_X_FORWARDED_PROTO": "\x00"},
    {"HTTP_AUTHORIZATION": "Bearer \x00\xff"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 5000, "HTTP_ACCEPT": "\x00", "HTTP_ACCEPT_ENCODING": ";;q=é"},
    {"HTTP_RANGE": "bytes=-", "HTTP_IF_MODIFIED_SINCE": "ontem", "HTTP_IF_NONE_MATCH": '"'},
    {"HTTP_X_SLACK_REQUEST_TIMESTAMP": "1" * 400, "HTTP_X_SLACK_SIGNATURE": "v0=\x00"},
    {"HTTP_ORIGIN": "http://[", "HTTP_REFERER": "http://["},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "x"},
]


def rows() -> dict[str, int]:
    """How many rows each table has, but for the record of failed logins, which only grows."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith("axes_")]
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables)  # noqa: S608 - the catalogue's own names
        cursor.execute(counts)
        return dict(cursor.fetchall())


def status(client: Client, method: str, path: str, kind: str = "", body: bytes = b"", **headers: Any) -> int:
    return client.generic(method, path, data=body, content_type=kind, **headers).status_code


def failures(answers: dict[Any, int]) -> dict[Any, int]:
    """What was answered with an error of ours; 503 is how `/readyz` says that no worker runs."""
    return {case: answer for case, answer in answers.items() if answer >= 500 and answer != 503}


@pytest.fixture
def stranger(outbox_ready: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def anybody(outbox_ready: None) -> Client:
    """Somebody who may do everything there is to do."""
    client = people.browser(Level.ADMIN)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("path", PUBLIC)
def test_no_method_body_query_or_header_of_a_stranger_fails_or_writes(path: str, stranger: Client) -> None:
    before = rows()
    queries = [f"{name}={quote(value)}" for name in ("t", "next", "") for value in GARBAGE]
    queries += ["t=%ff%fe", "%", "&&&", "=", "a=1&" * 2000, "t=" + "x" * 7000]

    answers: dict[Any, int] = {method: status(stranger, method, path) for method in METHODS}
    answers |= {(kind, body[:30]): status(stranger, "POST", path, kind, body) for kind, body in BODIES}
    answers |= {query[:40]: status(stranger, "GET", f"{path}?{query}") for query in queries}
    for headers in HEADERS:
        answers |= {(method, *headers.items()): status(stranger, method, path, **headers) for method in ("GET", "POST")}

    assert failures(answers) == {}
    assert rows() == before


@pytest.mark.parametrize("text", GARBAGE)
def test_no_user_name_or_password_fails(text: str, stranger: Client) -> None:
    before = rows()

    answer = stranger.post(reverse("admin:login"), {"username": text, "password": text, "next": text})

    assert answer.status_code == 200
    assert rows() == before


def test_a_user_name_too_long_for_any_user_locks_out_as_every_other(stranger: Client) -> None:
    guess = {"username": "a" * 600, "password": "errada"}

    answers = [stranger.post(reverse("admin:login"), guess).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 200, 429]


def test_who_is_not_logged_in_gets_nowhere_in_the_admin(stranger: Client) -> None:
    contact = make.contact()
    addresses = all_addresses({"int": "1", "str": str(contact.pk)}, under="/admin/")
    before = rows()

    answers = {(method, path): status(stranger, method, path) for path in addresses for method in ("GET", "POST")}

    assert len(addresses) > 100
    assert {case for case, answer in answers.items() if answer != 302} <= {
        (method, path) for method in ("GET", "POST") for path in OPEN_IN_THE_ADMIN
    }
    assert rows() == before


@pytest.mark.parametrize("text", ["x", "\x00", "é\U0001f600", "%25_2F", "a" * 600])
def test_no_address_in_the_admin_fails(text: str, anybody: Client) -> None:
    fills = [{"int": number, "str": quote(text, safe="")} for number in ("0", "1" * 30)]
    addresses = {path for fill in fills for path in all_addresses(fill, under="/admin/") if "logout" not in path}

    answers = {(method, path): status(anybody, method, path) for path in addresses for method in ("GET", "POST")}

    assert failures(answers) == {}


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_no_filter_search_or_page_of_a_list_fails(model: Any, anybody: Client) -> None:
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    filters = admin.site._registry[model].list_filter
    names = ["q", "p", "o", "e", "all", "pk", "id__in", "nada", "_popup", "_to_field"]
    names += [str(getattr(one, "parameter_name", one)) for one in filters]

    answers = {
        (name, text): anybody.get(listed, {name: text}).status_code for name in names for text in (*GARBAGE, *DAYS)
    }

    assert failures(answers) == {}


@pytest.mark.parametrize("term", [*GARBAGE, ""])
def test_no_search_term_fails(term: str, anybody: Client) -> None:
    for screen in ("outbound_contact", "handoff_externalhandoff"):
        assert anybody.post(reverse(f"admin:{screen}_search"), {"term": term}, follow=True).status_code == 200


def test_no_method_of_a_message_in_question_fails(anybody: Client) -> None:
    url = reverse("admin:outbound_contact_why_not", args=[make.contact().pk])

    assert {anybody.get(url, {"method": text}).status_code for text in ("x", "é" * 600, "")} == {200}
