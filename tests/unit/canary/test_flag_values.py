"""Switches read strictly: what is missing or not understood is the safe side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.flag_values import Flags

SAFE = Flags(
    julia_enabled=False, campaigns_enabled=False, safe_mode=True, canary_pct=0, handoff_enabled=False, handoff_pct=0
)
GOOD = {
    "julia": {"enabled": True},
    "campaigns": {"enabled": True},
    "safe_mode": {"enabled": False},
    "outbound_canary": {"pct": 25},
    "external_handoff": {"enabled": True, "canary_pct": 10},
}


def test_what_is_written_is_read():
    assert Flags.parse(GOOD) == Flags(
        julia_enabled=True,
        campaigns_enabled=True,
        safe_mode=False,
        canary_pct=25,
        handoff_enabled=True,
        handoff_pct=10,
    )


def test_nothing_at_all_is_safe():
    assert Flags.parse({}) == SAFE


@pytest.mark.parametrize("value", [None, 1, "true", [], {"enabled": "true"}, {"enabled": 1}, {"enable": True}])
def test_garbage_is_safe(value):
    assert Flags.parse(dict.fromkeys(GOOD, value)) == SAFE


@pytest.mark.parametrize("pct", [-1, 101, "50", 12.5, True, None])
def test_a_percentage_is_a_whole_number_of_a_hundred(pct):
    assert Flags.parse({"outbound_canary": {"pct": pct}}).canary_pct == 0


flag_fields = st.sampled_from(["enabled", "pct", "canary_pct"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(flag_fields, inner)
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), anything))
def test_whatever_stands_there_can_be_read(values):
    assert 0 <= Flags.parse(values).canary_pct <= 100
