"""The rule table: each rule alone, their order, what a bypass steps over, and what holds for every combination."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

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
    ({}, {"campaign_is_paused": True}, "defer", "campaign_paused", None),
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


# What makes each rule strike, and only it.
AGAINST = {
    "julia_paused": lambda f: replace(f, flags=replace(f.flags, julia_enabled=False)),
    "dev_allowlist": lambda f: replace(f, policy=policy(in_production=False)),
    "invalid_reply": lambda f: replace(f, has_inbound_proof=False),
    "opted_out": lambda f: replace(f, opted_out_at=NOW),
    "cooling_off": lambda f: replace(f, cooling_off_until=SATURDAY + DAY),
    "campaigns_disabled": lambda f: replace(f, flags=replace(f.flags, campaigns_enabled=False)),
    "campaign_paused": lambda f: replace(f, campaign_is_paused=True),
    "external_handoff_disabled": lambda f: replace(f, flags=replace(f.flags, handoff_enabled=False)),
    "safe_mode": lambda f: replace(f, flags=replace(f.flags, safe_mode=True)),
    "outside_canary": lambda f: replace(f, flags=replace(f.flags, canary_pct=0)),
    "quiet_hours": lambda f: replace(f, now=SATURDAY),
    "next_allowed_at": lambda f: replace(f, next_allowed_at=SATURDAY + DAY),
    "contact_cap": lambda f: replace(f, proactive_usage=usage(CAP, used=5, oldest_at=NOW)),
    "rate_limited": lambda f: replace(f, contact_usage=(usage(HOURLY), usage(DAILY, used=100, oldest_at=f.now))),
    "sender_stopped": lambda f: replace(f, sender_is_ready=False),
    "circuit_open": lambda f: replace(f, circuit=Circuit(failures=5, trips=1, open_until=SATURDAY + MINUTE)),
}
# The order of DESIGN's table, as far as it applies to each; to a divulgador everything keeps the hours.
ORDER = {
    Method.CAMPAIGN: (
        "julia_paused", "dev_allowlist", "opted_out", "cooling_off", "campaigns_disabled", "campaign_paused",
        "safe_mode", "outside_canary", "quiet_hours", "next_allowed_at", "contact_cap", "rate_limited",
        "sender_stopped", "circuit_open",
    ),
    Method.REPLY: (
        "julia_paused", "dev_allowlist", "invalid_reply", "quiet_hours", "rate_limited", "sender_stopped",
        "circuit_open",
    ),
    Method.HANDOFF: (
        "julia_paused", "dev_allowlist", "opted_out", "external_handoff_disabled", "quiet_hours", "rate_limited",
        "sender_stopped", "circuit_open",
    ),
}  # fmt: skip
PAIRS = [(method, *pair) for method, reasons in ORDER.items() for pair in combinations(reasons, 2)]
BYPASSABLE = ("opted_out", "cooling_off", "next_allowed_at", "contact_cap")
STANDING = [(method, reason) for method, reasons in ORDER.items() for reason in reasons if reason not in BYPASSABLE]


@pytest.mark.parametrize(("method", "earlier", "later"), PAIRS)
def test_of_two_objections_the_earlier_has_the_word(method, earlier, later):
    asked = request(method=method)
    unopposed = facts(kind=ContactKind.DIVULGADOR, has_inbound_proof=True)
    assert decide(asked, unopposed).is_allowed
    opposed = AGAINST[later](unopposed)
    assert decide(asked, opposed).reason == later

    both = AGAINST[earlier](opposed)

    assert decide(asked, both).reason == earlier


def test_a_reply_without_proof_is_invalid_before_it_is_to_somebody_opted_out():
    decision = decide(request(method=Method.REPLY), facts(opted_out_at=NOW))

    assert (decision.outcome, decision.reason) == (Outcome.BLOCK, "invalid_reply")


def test_the_contacts_full_window_is_told_before_the_senders():
    full = (usage(HOURLY, used=20, oldest_at=NOW), usage(DAILY))
    assert decide(request(), facts(sender_usage=full)).details["phone"] == "sender"

    decision = decide(request(), facts(sender_usage=full, contact_usage=full))

    assert decision.details["phone"] == "contact"


@pytest.mark.parametrize("reason", BYPASSABLE)
def test_a_bypass_steps_over_one_rule_and_names_no_other(reason):
    opposed = AGAINST[reason](facts(operator_is_known=True))
    assert decide(request(), opposed).reason == reason

    decision = decide(request(**BYPASS), opposed)

    assert decision.is_allowed
    assert decision.bypassed == (reason,)


@pytest.mark.parametrize(("method", "reason"), STANDING)
def test_a_bypass_steps_over_nothing_else(method, reason):
    asked = request(method=method, **BYPASS)
    unopposed = facts(kind=ContactKind.DIVULGADOR, has_inbound_proof=True, operator_is_known=True)
    assert decide(asked, unopposed).is_allowed

    decision = decide(asked, AGAINST[reason](unopposed))

    assert decision.reason == reason
    assert decision.bypassed == ()


def test_a_bypass_that_meets_a_rule_it_may_not_pass_bypasses_nothing():
    opposed = AGAINST["cooling_off"](facts(operator_is_known=True))
    assert decide(request(**BYPASS), opposed).bypassed == ("cooling_off",)

    decision = decide(request(**BYPASS), AGAINST["safe_mode"](opposed))

    assert (decision.reason, decision.bypassed) == ("safe_mode", ())


# --- every combination ------------------------------------------------------------------------------------------------

moments = st.sampled_from([NOW, NOW, NOW, SATURDAY, NOW + 7 * HOUR])


def instants(now):
    return st.none() | st.integers(-200, 200).map(lambda hours: now + timedelta(hours=hours))


@st.composite
def usages(draw, limit, now):
    used = draw(st.sampled_from([0, limit.count - 1, limit.count]))
    # What weighs on a window is younger than the window.
    age = draw(st.floats(0, 0.999))
    return usage(limit, used=used, oldest_at=now - limit.window * age if used else None)


def variations(now):
    """What each fact may be, at a moment."""
    pairs = st.tuples(usages(HOURLY, now), usages(DAILY, now))
    return {
        "policy": st.builds(
            lambda in_production, allowlist: policy(in_production=in_production, allowlist=allowlist),
            st.booleans(),
            st.sampled_from([frozenset(), frozenset({"*"}), frozenset({"5511987654321"})]),
        ),
        "flags": st.builds(
            lambda switch, pct: replace(ALL_ON, canary_pct=pct, **switch),
            st.dictionaries(
                st.sampled_from(["julia_enabled", "campaigns_enabled", "safe_mode", "handoff_enabled"]), st.booleans()
            ),
            st.integers(0, 100),
        ),
        "kind": st.sampled_from(ContactKind),
        "bucket": st.integers(0, 99),
        "opted_out_at": instants(now),
        "cooling_off_until": instants(now),
        "next_allowed_at": instants(now),
        "has_inbound_proof": st.booleans(),
        "operator_is_known": st.booleans(),
        "contact_usage": pairs,
        "proactive_usage": usages(CAP, now),
        "sender_usage": pairs,
        "sender_is_ready": st.booleans(),
        "circuit": st.builds(Circuit, failures=st.just(5), trips=st.integers(0, 3), open_until=instants(now)),
        "probe_is_free": st.booleans(),
    }


@st.composite
def situations(draw, /, **always):
    """Any request and any facts, a few of them changed as often as all: were all always changed, hardly any message
    would be allowed, and what must hold of an allowed one would go untested.
    """
    now = always.get("now") or draw(moments)
    possible = variations(now)
    names = draw(st.sets(st.sampled_from(sorted(possible)), max_size=draw(st.sampled_from([2, 5, len(possible)]))))
    changes = {name: draw(possible[name]) for name in sorted(names)}
    snapshot = facts(**{"now": now, "has_inbound_proof": True, "operator_is_known": True, **changes, **always})
    by_a_human_in_slack = {"channel": Channel.SLACK, "actor_type": ActorType.HUMAN}
    by_anybody = {"channel": draw(st.sampled_from(Channel)), "actor_type": draw(st.sampled_from(ActorType))}
    asked = request(
        method=draw(st.sampled_from(Method)),
        bypass_reason=draw(st.sampled_from([None, "", "motivo"])),
        **draw(st.sampled_from([by_a_human_in_slack, by_anybody])),
    )
    return asked, snapshot


def may_bypass(asked, snapshot):
    is_human_in_slack = asked.channel is Channel.SLACK and asked.actor_type is ActorType.HUMAN
    return is_human_in_slack and snapshot.operator_is_known and bool(asked.bypass_reason)


@given(situations())
def test_every_combination_gives_one_whole_decision(situation):
    asked, snapshot = situation

    decision = decide(asked, snapshot)

    assert (decision.reason is None) == (decision.outcome is Outcome.ALLOW)
    assert decision.outcome is Outcome.ALLOW or decision.bypassed == ()
    assert decision.until is None or (decision.outcome is Outcome.DEFER and decision.until > snapshot.now)
    assert decide(asked, snapshot) == decision


@given(situations())
def test_paused_julia_allows_nothing(situation):
    asked, snapshot = situation

    decision = decide(asked, replace(snapshot, flags=replace(snapshot.flags, julia_enabled=False)))

    assert (decision.outcome, decision.reason) == (Outcome.DEFER, Reason.JULIA_PAUSED)


@given(situations(opted_out_at=NOW))
def test_an_opted_out_contact_is_written_to_only_with_proof_or_reason(situation):
    asked, snapshot = situation

    if decide(asked, snapshot).is_allowed:
        has_proof = asked.method is Method.REPLY and snapshot.has_inbound_proof
        assert has_proof or may_bypass(asked, snapshot)


@given(situations(policy=policy(in_production=False, allowlist=frozenset({"5521987654321"}))))
def test_outside_production_an_unlisted_number_gets_nothing(situation):
    asked, snapshot = situation

    assert not decide(asked, snapshot).is_allowed


@given(situations(has_inbound_proof=False))
def test_no_reply_leaves_without_proof(situation):
    asked, snapshot = situation

    assert not decide(replace(asked, method=Method.REPLY), snapshot).is_allowed


@given(situations(now=SATURDAY, kind=ContactKind.DIVULGADOR))
def test_nothing_reaches_a_divulgador_outside_the_hours(situation):
    asked, snapshot = situation

    assert not decide(asked, snapshot).is_allowed


@given(situations(flags=replace(ALL_ON, handoff_enabled=False)))
def test_no_bridge_message_leaves_while_the_bridge_is_off(situation):
    asked, snapshot = situation

    assert not decide(replace(asked, method=Method.HANDOFF), snapshot).is_allowed


@given(situations())
def test_what_protects_a_contact_yields_to_a_valid_bypass_only(situation):
    asked, snapshot = situation

    if asked.method in PROACTIVE and decide(asked, snapshot).is_allowed and not may_bypass(asked, snapshot):
        assert snapshot.cooling_off_until is None or snapshot.cooling_off_until <= snapshot.now
        assert snapshot.next_allowed_at is None or snapshot.next_allowed_at <= snapshot.now
        assert snapshot.proactive_usage.used < 5


@given(situations(now=NOW, operator_is_known=True))
def test_an_allowance_names_every_objection_it_stepped_over(situation):
    asked, snapshot = situation
    asked = replace(asked, **BYPASS)

    decision = decide(asked, snapshot)

    if decision.is_allowed:
        assert decision.bypassed == tuple(each.reason for each in objections(asked, snapshot))
        assert set(decision.bypassed) <= set(BYPASSABLE)


@given(situations(sender_is_ready=True, circuit=Circuit()))
def test_a_deferral_for_a_full_window_lasts_until_every_full_window_frees(situation):
    asked, snapshot = situation

    decision = decide(asked, snapshot)

    if decision.reason == "rate_limited":
        usages_of = {"contact": snapshot.contact_usage, "sender": snapshot.sender_usage}[str(decision.details["phone"])]
        assert decision.until == max(each.oldest_at + each.limit.window for each in usages_of if each.is_full)


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
