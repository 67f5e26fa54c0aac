"""For how long a repeat is a duplicate, and what goes first (DESIGN: Outbox)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outbound.methods import PROACTIVE, Method, dedupe_window, priority


@pytest.mark.parametrize(
    ("method", "minutes"),
    [
        ("campaign", 60),
        ("followup", 60),
        ("handoff", 60),
        ("reply", 5),
        ("button", 5),
        ("command", 5),
        ("manual", 10),
        ("reactivation", 120),
    ],
)
def test_each_method_has_its_window(method, minutes):
    assert dedupe_window(Method(method)) == timedelta(minutes=minutes)


def test_proactive_is_what_nobody_asked_for():
    assert {"campaign", "followup", "reactivation"} == PROACTIVE


def test_nobody_who_wrote_waits_behind_a_campaign():
    first_to_last = sorted(Method, key=lambda method: (priority(method), method))

    assert first_to_last == [
        "button",
        "command",
        "manual",
        "reply",
        "handoff",
        "campaign",
        "followup",
        "reactivation",
    ]
