"""'Rate Limit: 30/min + 200/h por IP em /handoff/confirm', whatever a client claims, and politely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client

from handoff.models import ExternalHandoff
from handoff.states import Decision
from tests.factories import handoff as bridges
from tests.integration.handoff.test_confirm_page import PATH, strict_client, token

# The clock stands still, so that no window ends in the middle of a test.
NOON = datetime(2026, 11, 25, 15, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


def _statuses(count: int, **client: Any) -> list[int]:
    visitor = Client(**client)
    return [visitor.get(PATH).status_code for _ in range(count)]


def test_the_thirty_first_request_in_a_minute_is_refused_and_is_welcome_when_it_was_told_to_come_back() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert _statuses(30) == [404] * 30
        refused = Client().get(PATH)

        assert refused.status_code == 429
        wait_s = int(refused["Retry-After"])
        assert 1 <= wait_s <= 60
        assert f"Volte em {wait_s} segundos" in refused.content.decode()
        assert refused["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]

        clock.shift(timedelta(seconds=wait_s - 1))
        assert _statuses(1) == [429]
        clock.shift(timedelta(seconds=1))
        assert _statuses(1) == [404]


def test_the_two_hundred_and_first_in_an_hour_is_refused_for_the_rest_of_it() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        seen = []
        for _ in range(8):
            seen += _statuses(25)
            clock.shift(timedelta(seconds=61))
        refused = Client().get(PATH)

        assert seen == [404] * 200
        assert refused.status_code == 429
        wait_s = int(refused["Retry-After"])
        assert 60 < wait_s <= 3600
        clock.shift(timedelta(seconds=wait_s))
        assert _statuses(1) == [404]


def test_a_hundred_forged_addresses_are_one_client(settings: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        forged = [Client(headers={"x-forwarded-for": f"198.51.100.{n}"}).get(PATH).status_code for n in range(100)]
        assert forged == [404] * 30 + [429] * 70

        # Behind one proxy of ours what the client wrote stands left of what the proxy saw.
        settings.TRUSTED_PROXY_COUNT = 1
        behind = [
            Client(headers={"x-forwarded-for": f"198.51.100.{n}, 203.0.113.9"}).get(PATH).status_code
            for n in range(100)
        ]
        assert behind == [404] * 30 + [429] * 70
        assert Client(headers={"x-forwarded-for": "203.0.113.10"}).get(PATH).status_code == 404


def test_an_ipv6_network_is_one_client_and_its_neighbour_another() -> None:
    with time_machine.travel(NOON, tick=False):
        same = [Client(REMOTE_ADDR=f"2001:db8:1:2::{n:x}").get(PATH).status_code for n in range(40)]

        assert same == [404] * 30 + [429] * 10
        assert _statuses(1, REMOTE_ADDR="2001:db8:1:3::1") == [404]


def test_posts_count_before_their_form_is_looked_at(now: datetime) -> None:
    t = token(bridges.contacted(now=now))
    with time_machine.travel(NOON, tick=False):
        statuses = [strict_client().post(f"{PATH}?t={t}").status_code for _ in range(31)]

    assert statuses == [403] * 30 + [429]


def test_who_is_refused_changes_nothing(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    with time_machine.travel(now + timedelta(seconds=1), tick=False):
        _statuses(40)
        assert Client().post(f"{PATH}?t={token(handoff)}").status_code == 429
        handoff.refresh_from_db()
        assert handoff.status == "contacted"

        assert Client(REMOTE_ADDR="203.0.113.5").post(f"{PATH}?t={token(handoff)}").status_code == 200
    handoff.refresh_from_db()
    assert handoff.status == "confirmed"


def test_without_redis_the_page_says_to_come_back_and_records_nothing(now: datetime, settings: Any) -> None:
    t = token(bridges.contacted(now=now), Decision.CONFIRMED)
    caches_before = settings.CACHES
    # Nobody listens on port 1.
    settings.CACHES = {"default": {**caches_before["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    caches.close_all()

    for _ in range(40):
        for response in (Client().get(PATH, {"t": t}), Client().post(f"{PATH}?t={t}")):
            assert response.status_code == 503
            assert response["Retry-After"] == "30"
            assert "não consegue responder agora" in response.content.decode()
    assert ExternalHandoff.objects.get().status == "contacted"

    settings.CACHES = caches_before
    assert Client().get(PATH, {"t": t}).status_code == 200
