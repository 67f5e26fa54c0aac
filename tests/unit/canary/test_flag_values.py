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


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(flag_fields | st.text(max_size=3), inner, max_size=4),
)


def enabled_in(value):
    return value.get("enabled") if isinstance(value, dict) else None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, json)))
def test_only_exactly_the_right_value_is_unsafe(values):
    flags = Flags.parse(values)

    assert flags.julia_enabled is (enabled_in(values.get("julia")) is True)
    assert flags.campaigns_enabled is (enabled_in(values.get("campaigns")) is True)
    assert flags.safe_mode is (enabled_in(values.get("safe_mode")) is not False)
    assert flags.handoff_enabled is (enabled_in(values.get("external_handoff")) is True)
    assert type(flags.canary_pct) is int
    assert 0 <= flags.handoff_pct <= 100


@pytest.mark.parametrize("key", sorted(GOOD))
def test_one_broken_switch_leaves_the_others_alone(key):
    whole = Flags.parse(GOOD)

    broken = Flags.parse({**GOOD, key: "?"})

    changed = {name for name in Flags.__dataclass_fields__ if getattr(whole, name) != getattr(broken, name)}
    assert (
        changed
        == {
            "julia": {"julia_enabled"},
            "campaigns": {"campaigns_enabled"},
            "safe_mode": {"safe_mode"},
            "outbound_canary": {"canary_pct"},
            "external_handoff": {"handoff_enabled", "handoff_pct"},
        }[key]
    )
