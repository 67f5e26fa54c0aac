"""What chaos makes of a run: everything that can go wrong is seen, and nothing else is."""

from __future__ import annotations

import pytest

from chaos.verdict import Row, judge

FINE = [Row(text="a", status="sent", provider_message_id="1"), Row(text="b", status="sent", provider_message_id="2")]
DELIVERED = {"a": ["1"], "b": ["2"]}


def verdict(rows=FINE, delivered=DELIVERED, *, accepted=2, may_park=False, limit=None, while_off=0):
    return judge(accepted=accepted, rows=rows, delivered=delivered, may_park=may_park, limit=limit, while_off=while_off)


def row(text="b", status="sent", provider_message_id="2"):
    return [FINE[0], Row(text=text, status=status, provider_message_id=provider_message_id)]


def test_everything_sent_once_holds():
    assert verdict().holds(may_park=False)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"accepted": 3}, "lost"),
        ({"delivered": {"a": ["1"], "b": ["2", "3"]}}, "doubled"),
        ({"delivered": {"a": ["1"]}}, "wrong"),
        ({"rows": row(provider_message_id="9")}, "wrong"),
        ({"rows": row(status="failed")}, "wrong"),
        ({"rows": row(status="blocked"), "delivered": {"a": ["1"]}}, "wrong"),
        ({"rows": row(status="queued")}, "wrong"),
        ({"limit": 1}, "leaked"),
        ({"while_off": 1}, "leaked"),
        ({"rows": row(status="queued"), "delivered": {"a": ["1"]}}, "unsettled"),
        ({"rows": row(status="sending"), "delivered": {"a": ["1"]}}, "unsettled"),
        ({"rows": row(status="unknown")}, "unsettled"),
        ({"rows": row(status="unknown"), "delivered": {"a": ["1"]}, "may_park": True}, "unsettled"),
    ],
)
def test_whatever_goes_wrong_is_counted(changes, count):
    seen = verdict(**changes)

    assert seen.count(count) >= 1
    assert not seen.holds(may_park=True)


def test_what_left_without_evidence_may_be_parked_where_there_is_none():
    parked = verdict(rows=row(status="unknown", provider_message_id=None), may_park=True)

    assert (parked.parked, parked.unsettled) == (1, 0)
    assert parked.holds(may_park=True)
    assert not parked.holds(may_park=False)


def test_what_waits_behind_a_full_limit_is_settled():
    held = verdict(rows=row(status="queued"), delivered={"a": ["1"]}, limit=1)

    assert (held.held, held.unsettled) == (1, 0)
    assert held.holds(may_park=False)
