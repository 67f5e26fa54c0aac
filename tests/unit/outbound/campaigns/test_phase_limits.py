"""Fase A, Restrições Operacionais: "Volume de campanhas: pequeno, janelas curtas (1-2h)"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from canary import phases
from outbound.campaigns.phase_limits import check

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pct", "recipients", "minutes", "found"),
    [
        (10, 100, 120, []),
        (10, 101, 120, [("too_many_recipients", 101, 100)]),
        (10, 100, 121, [("window_too_long", 121, 120)]),
        (5, 101, 60, [("too_many_recipients", 101, 100)]),  # below A as in A
        (25, 10_000, 600, []),
        (100, 0, 60, [("empty_audience", 0, 0)]),
    ],
)
def test_a_campaign_is_held_against_its_phase(
    pct: int, recipients: int, minutes: int, found: list[tuple[str, int, int]]
) -> None:
    ends_at = START + timedelta(minutes=minutes)

    findings = check(recipients=recipients, starts_at=START, ends_at=ends_at, limits=phases.limits_at(pct))

    assert [(one.hindrance, one.has, one.most) for one in findings] == found


def test_a_second_too_long_is_shown_as_more_than_allowed() -> None:
    ends_at = START + timedelta(hours=2, seconds=1)

    (finding,) = check(recipients=1, starts_at=START, ends_at=ends_at, limits=phases.limits_at(10))

    assert (finding.has, finding.most) == (121, 120)
