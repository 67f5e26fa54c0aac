"""A pace is never exceeded, whenever one looks, and what nobody used is not made up for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outbound.campaigns.pace import after, portion

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@given(st.integers(1, 600), st.lists(st.floats(0, 400), max_size=30))
def test_in_any_minute_no_more_than_twice_the_pace_and_on_the_whole_no_more_than_it(
    per_minute: int, waits: list[float]
) -> None:
    now = paced_at = START
    fed: list[tuple[datetime, int]] = []
    for wait in waits:
        now += timedelta(seconds=wait)
        free = portion(per_minute=per_minute, paced_at=paced_at, now=now)
        assert 0 <= free.count <= per_minute
        paced_at = after(per_minute=per_minute, paced_at=free.paced_at, fed=free.count)
        assert paced_at <= now + timedelta(microseconds=1)
        fed.append((now, free.count))

    assert sum(count for _at, count in fed) <= per_minute * ((now - START) / timedelta(minutes=1)) + 1e-6
    for at, _count in fed:
        minute = [count for when, count in fed if at - timedelta(minutes=1) < when <= at]
        assert sum(minute) <= 2 * per_minute


def test_a_slow_pace_is_not_lost_to_frequent_looks() -> None:
    paced_at, total = START, 0
    for look in range(1, 61):
        free = portion(per_minute=3, paced_at=paced_at, now=START + look * timedelta(seconds=5))
        paced_at = after(per_minute=3, paced_at=free.paced_at, fed=free.count)
        total += free.count

    assert total == 15
