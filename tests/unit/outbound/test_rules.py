"""The rule table: each rule alone, their order, what a bypass steps over, and what holds for every combination."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.circuit import Circuit
from outbound.guardrails.decision import Outcome, Reason
from outbound.guardrails.rules import decide, objections
from outbound.methods import PROACTIVE, ActorType, Channel, ContactKind, Method
from tests.factories.guardrails import ALL_ON, CAP, DAILY, HOURLY, NOW, facts, policy, request, usage

BYPASS = {
    "channel": Channel.SLACK,
    "actor_type": ActorType.HUMAN,
    "actor_id": "ana",
    "bypass_reason": "pediu o contrato",
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SATURDAY = NOW + 3 * DAY
MONDAY_8 = NOW.replace(day=30, hour=11)

# One row a rule: whom it applies to, what makes it strike, its effect, and until when.
ROWS = [
    ({}, {"flags": replace(ALL_ON, julia_enabled=False)}, "defer", "julia_paused", None),
    ({"method": Method.REPLY}, {"has_inbound_proof": True, "flags": replace(ALL_ON, julia_enabled=False)}, "defer",
     "julia_paused", None),
    ({}, {"policy": policy(in_production=False)}, "block", "dev_allowlist", None),
    ({"method": Method.REPLY}, {"has_inbound_proof": False}, "block", "invalid_reply", None),
    ({}, {"opted_out_at": NOW}, "block", "opted_out", None),
    ({"method": Method.BUTTON}, {"opted_out_at": NOW}, "block", "opted_out", None),
    ({**BYPASS, "bypass_reason": None}, {"opted_out_at": NOW, "operator_is_known": True}, "block",
     "opted_out_bypass_no_reason", None),
    ({}, {"cooling_off_until": NOW + DAY}, "block", "cooling_off", None),
    ({}, {"flags": replace(ALL_ON, campaigns_enabled=False)}, "defer", "campaigns_disabled", None),
    ({"method": Method.HANDOFF}, {"flags": replace(ALL_ON, handoff_enabled=False)}, "defer",
     "external_handoff_disabled", None),
    ({}, {"flags": replace(ALL_ON, safe_mode=True)}, "defer", "safe_mode", None),
    ({}, {"flags": replace(ALL_ON, canary_pct=50)}, "defer", "outside_canary", None),
    ({}, {"now": SATURDAY}, "defer", "quiet_hours", MONDAY_8),
    ({"method": Method.MANUAL}, {"now": SATURDAY, "kind": ContactKind.DIVULGADOR}, "defer", "quiet_hours", MONDAY_8),
    ({}, {"next_allowed_at": NOW + HOUR}, "defer", "next_allowed_at", NOW + HOUR),
    ({}, {"proactive_usage": usage(CAP, used=5, oldest_at=NOW - 6 * DAY)}, "defer", "contact_cap", NOW + DAY),
    ({"method": Method.MANUAL}, {"contact_usage": (usage(HOURLY, used=20, oldest_at=NOW - 59 * MINUTE), usage(DAILY))},
     "defer", "rate_limited", NOW + MINUTE),
    ({}, {"sender_usage": (usage(HOURLY, used=20, oldest_at=NOW - 59 * MINUTE),
                           usage(DAILY, used=100, oldest_at=NOW - 23 * HOUR))}, "defer", "rate_limited", NOW + HOUR),
    ({}, {"sender_is_ready": False}, "defer", "sender_stopped", None),
    ({}, {"circuit": Circuit(failures=5, trips=1, open_until=NOW + MINUTE)}, "defer", "circuit_open", NOW + MINUTE),
    ({}, {"circuit": Circuit(failures=5, trips=1, open_until=NOW), "probe_is_free": False}, "defer", "circuit_open",
     NOW + timedelta(seconds=35)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "changes", "outcome", "reason", "until"), ROWS)
def test_a_rule_stops_what_it_is_for(asked, changes, outcome, reason, until):
    # The same request passes while nothing stands against it.
    proof = {"has_inbound_proof": True} if asked.get("method") is Method.REPLY else {}
    assert decide(request(**asked), facts(**proof)).is_allowed

    decision = decide(request(**asked), facts(**changes))

    assert (decision.outcome, decision.reason, decision.until) == (outcome, reason, until)


@pytest.mark.parametrize(
    ("asked", "changes"),
    [
        # what the rule does not apply to
        ({"method": Method.MANUAL}, {"flags": replace(ALL_ON, campaigns_enabled=False, safe_mode=True, canary_pct=0)}),
        ({"method": Method.MANUAL}, {"cooling_off_until": NOW + DAY, "next_allowed_at": NOW + DAY}),
        ({"method": Method.MANUAL}, {"now": SATURDAY}),
        ({"method": Method.HANDOFF}, {"flags": replace(ALL_ON, campaigns_enabled=False)}),
        ({"method": Method.REPLY}, {"has_inbound_proof": True, "opted_out_at": NOW}),
        ({}, {"flags": replace(ALL_ON, handoff_enabled=False)}),
        ({}, {"policy": policy(in_production=False, allowlist=frozenset({"5511987654321"}))}),
        ({}, {"policy": policy(in_production=False, allowlist=frozenset({"*"}))}),
        # just on the right side of a bound
        ({}, {"flags": replace(ALL_ON, canary_pct=51)}),
        ({}, {"cooling_off_until": NOW, "next_allowed_at": NOW}),
        ({}, {"proactive_usage": usage(CAP, used=4, oldest_at=NOW - DAY)}),
        ({}, {"contact_usage": (usage(HOURLY, used=19, oldest_at=NOW), usage(DAILY, used=99, oldest_at=NOW))}),
        ({}, {"circuit": Circuit(failures=4)}),
        ({}, {"circuit": Circuit(failures=5, trips=1, open_until=NOW)}),
    ],
)
def test_a_rule_lets_pass_what_it_is_not_for(asked, changes):
    assert decide(request(**asked), facts(**changes)).is_allowed


def test_the_earlier_rule_has_the_word():
    """Everything at once: taking away the first objection each time shows the order of the table."""
    seen = []
    asked = request()
    now = facts(
        now=SATURDAY,
        flags=replace(ALL_ON, julia_enabled=False, campaigns_enabled=False, safe_mode=True, canary_pct=0),
        policy=policy(in_production=False),
        opted_out_at=NOW,
        cooling_off_until=SATURDAY + DAY,
        next_allowed_at=SATURDAY + DAY,
        proactive_usage=usage(CAP, used=5, oldest_at=NOW),
        contact_usage=(usage(HOURLY, used=20, oldest_at=SATURDAY), usage(DAILY)),
        sender_is_ready=False,
        circuit=Circuit(failures=5, trips=1, open_until=SATURDAY + MINUTE),
    )
    remedies = [
        lambda f: replace(f, flags=replace(f.flags, julia_enabled=True)),
        lambda f: replace(f, policy=policy()),
        lambda f: replace(f, opted_out_at=None),
        lambda f: replace(f, cooling_off_until=None),
        lambda f: replace(f, flags=replace(f.flags, campaigns_enabled=True)),
        lambda f: replace(f, flags=replace(f.flags, safe_mode=False)),
        lambda f: replace(f, flags=ALL_ON),
        lambda f: replace(f, now=SATURDAY - 3 * DAY),
        lambda f: replace(f, next_allowed_at=None),
        lambda f: replace(f, proactive_usage=usage(CAP)),
        lambda f: replace(f, contact_usage=(usage(HOURLY), usage(DAILY))),
        lambda f: replace(f, sender_is_ready=True),
        lambda f: replace(f, circuit=Circuit()),
    ]

    for remedy in remedies:
        seen.append(decide(asked, now).reason)
        now = remedy(now)

    assert seen == [
        "julia_paused",
        "dev_allowlist",
        "opted_out",
        "cooling_off",
        "campaigns_disabled",
        "safe_mode",
        "outside_canary",
        "quiet_hours",
        "next_allowed_at",
        "contact_cap",
        "rate_limited",
        "sender_stopped",
        "circuit_open",
    ]
    assert decide(asked, now).is_allowed


def test_a_bypass_steps_over_the_bypassable_rules_and_names_each():
    against = {
        "operator_is_known": True,
        "opted_out_at": NOW,
        "cooling_off_until": NOW + DAY,
        "next_allowed_at": NOW + DAY,
        "proactive_usage": usage(CAP, used=5, oldest_at=NOW),
    }

    decision = decide(request(**BYPASS), facts(**against))

    assert decision.is_allowed
    assert decision.bypassed == ("opted_out", "cooling_off", "next_allowed_at", "contact_cap")


@pytest.mark.parametrize(
    ("asked", "is_known"),
    [
        ({**BYPASS, "channel": Channel.API}, True),
        ({**BYPASS, "actor_type": ActorType.BOT}, True),
        ({**BYPASS, "actor_id": None}, False),
        (BYPASS, False),
        ({**BYPASS, "bypass_reason": ""}, True),
    ],
)
def test_a_bypass_needs_slack_a_human_a_known_operator_and_a_reason(asked, is_known):
    assert decide(request(**BYPASS), facts(opted_out_at=NOW, operator_is_known=True)).is_allowed

    assert not decide(request(**asked), facts(opted_out_at=NOW, operator_is_known=is_known)).is_allowed


# --- every combination ------------------------------------------------------------------------------------------------

instants = st.one_of(st.none(), st.integers(-200, 200).map(lambda hours: NOW + timedelta(hours=hours)))


@st.composite
def usages(draw, limit):
    used = draw(st.integers(0, limit.count))
    age = draw(st.floats(0, 0.999))
    return usage(limit, used=used, oldest_at=NOW - limit.window * age if used else None)


@st.composite
def situations(draw):
    flags = replace(
        ALL_ON,
        **{
            name: draw(st.booleans()) for name in ("julia_enabled", "campaigns_enabled", "safe_mode", "handoff_enabled")
        },
        canary_pct=draw(st.integers(0, 100)),
    )
    allowlist = draw(st.sampled_from([frozenset(), frozenset({"*"}), frozenset({"5511987654321"})]))
    snapshot = facts(
        now=draw(st.sampled_from([NOW, SATURDAY, NOW + 7 * HOUR])),
        policy=policy(in_production=draw(st.booleans()), allowlist=allowlist),
        flags=flags,
        kind=draw(st.sampled_from(ContactKind)),
        bucket=draw(st.integers(0, 99)),
        opted_out_at=draw(instants),
        cooling_off_until=draw(instants),
        next_allowed_at=draw(instants),
        has_inbound_proof=draw(st.booleans()),
        operator_is_known=draw(st.booleans()),
        contact_usage=(draw(usages(HOURLY)), draw(usages(DAILY))),
        proactive_usage=draw(usages(CAP)),
        sender_usage=(draw(usages(HOURLY)), draw(usages(DAILY))),
        sender_is_ready=draw(st.booleans()),
        circuit=Circuit(failures=5, trips=draw(st.integers(0, 3)), open_until=draw(instants)),
        probe_is_free=draw(st.booleans()),
    )
    asked = request(
        method=draw(st.sampled_from(Method)),
        channel=draw(st.sampled_from(Channel)),
        actor_type=draw(st.sampled_from(ActorType)),
        bypass_reason=draw(st.sampled_from([None, "", "motivo"])),
    )
    return asked, snapshot


@given(situations())
def test_every_combination_gives_one_whole_decision(situation):
    asked, snapshot = situation

    decision = decide(asked, snapshot)

    assert (decision.reason is None) == (decision.outcome is Outcome.ALLOW)
    assert decision.outcome is Outcome.ALLOW or decision.bypassed == ()
    assert decision.until is None or (decision.outcome is Outcome.DEFER and decision.until > snapshot.now)


@given(situations())
def test_paused_julia_allows_nothing(situation):
    asked, snapshot = situation

    decision = decide(asked, replace(snapshot, flags=replace(snapshot.flags, julia_enabled=False)))

    assert (decision.outcome, decision.reason) == (Outcome.DEFER, Reason.JULIA_PAUSED)


@given(situations())
def test_an_opted_out_contact_is_written_to_only_with_proof_or_reason(situation):
    asked, snapshot = situation
    snapshot = replace(snapshot, opted_out_at=NOW)

    if decide(asked, snapshot).is_allowed:
        has_proof = asked.method is Method.REPLY and snapshot.has_inbound_proof
        is_bypass = (
            asked.channel is Channel.SLACK
            and asked.actor_type is ActorType.HUMAN
            and snapshot.operator_is_known
            and asked.bypass_reason
        )
        assert has_proof or is_bypass


@given(situations())
def test_nothing_proactive_leaves_against_the_switches_the_canary_or_the_hours(situation):
    asked, snapshot = situation

    if asked.method in PROACTIVE and decide(asked, snapshot).is_allowed:
        assert snapshot.flags.campaigns_enabled
        assert not snapshot.flags.safe_mode
        assert snapshot.bucket < snapshot.flags.canary_pct
        assert snapshot.policy.business_hours.is_open(snapshot.now)


@given(situations())
def test_no_bypass_opens_a_full_window_a_circuit_or_the_allowlist(situation):
    asked, snapshot = situation

    if decide(asked, snapshot).is_allowed:
        assert not any(each.is_full for each in (*snapshot.contact_usage, *snapshot.sender_usage))
        assert not snapshot.circuit.is_open(snapshot.now)
        assert snapshot.policy.in_production or snapshot.policy.lists(snapshot.phone)
        assert snapshot.sender_is_ready


@given(situations())
def test_the_objections_begin_with_what_decides(situation):
    asked, snapshot = situation
    asked = replace(asked, channel=Channel.API)

    against, decision = objections(asked, snapshot), decide(asked, snapshot)

    assert decision == (against[0] if against else decision)
    assert bool(against) != decision.is_allowed
