"""GO only on evidence: "stable" taken strictly, in the document's and issue 4's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from canary import gates, phases
from canary.criteria import Code, Lack
from canary.gate_facts import Evidence, Finding, KnownDrill, Measured, Snapshot
from canary.gates import Gate
from tests.factories import gates as make
from tests.factories.gates import EVERY, METRICS, NOW

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


def unmet(gate: Gate) -> dict[str, list[Lack]]:
    return {row.code: [missing.reason for missing in row.missing] for row in gate.unmet}


def with_reading(snapshots, index: int, **changes):
    """One snapshot changed: readings replaced, or taken out where None is given."""
    changed = {**snapshots[index].readings, **changes}
    kept = {name: measured for name, measured in changed.items() if measured is not None}
    return (*snapshots[:index], replace(snapshots[index], readings=kept), *snapshots[index + 1 :])


# --- The document's table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pct", "code"), [(0, "A"), (5, "A"), (10, "B"), (25, "C"), (30, "C"), (50, "D"), (60, "D")])
def test_what_held_for_the_whole_window_is_go(pct, code):
    gate = gates.evaluate(make.evidence(pct=pct))

    assert unmet(gate) == {}
    assert gate.is_go
    assert gate.target is not None
    assert gate.target.code == code
    assert gate.earliest_at is None


def test_at_the_top_there_is_nothing_to_go_to():
    gate = gates.evaluate(make.evidence(pct=100))

    assert gate.target is None
    assert not gate.is_go
    assert gate.criteria == ()


@pytest.mark.parametrize(("pct", "hours"), [(10, 24), (25, 48), (50, 168)])
def test_a_second_short_of_the_window_is_no_go(pct, hours):
    ready = make.evidence(pct=pct)
    entered_at = NOW - timedelta(hours=hours) + timedelta(seconds=1)

    gate = gates.evaluate(replace(ready, entered_at=entered_at))

    assert gates.evaluate(ready).is_go
    assert unmet(gate) == {Code.LONG_ENOUGH: [Lack.TOO_SOON]}
    assert gate.earliest_at == NOW + timedelta(seconds=1)


def test_a_position_nobody_recorded_is_no_go():
    gate = gates.evaluate(make.evidence(entered_at=None))

    assert unmet(gate)[Code.LONG_ENOUGH] == [Lack.POSITION_UNKNOWN]
    assert gate.earliest_at == NOW + DAY


# --- Metrics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", sorted(METRICS - {"provider_error_rate"}))
@pytest.mark.parametrize("index", [0, 100, 287])
def test_one_violation_in_the_window_counts_the_window_anew(metric, index):
    ready = make.evidence()
    at = ready.snapshots[index].taken_at

    gate = gates.evaluate(
        replace(ready, snapshots=with_reading(ready.snapshots, index, **{metric: Measured(is_ok=False)}))
    )

    assert gates.evaluate(ready).is_go
    assert unmet(gate) == {Code.METRICS_HELD: [Lack.METRIC_VIOLATED]}
    assert gate.unmet[0].missing[0].details == {"metric": metric, "snapshots": 1, "last_at": at}
    assert gate.earliest_at == at + DAY


def test_a_violation_before_the_window_is_forgiven():
    start = NOW - 2 * DAY
    everything = make.snapshots(since=start, until=NOW)
    last_before = next(n for n, one in enumerate(everything) if one.taken_at == NOW - DAY)

    def gate(index: int) -> Gate:
        violated = with_reading(everything, index, duplicates=Measured(is_ok=False))
        return gates.evaluate(make.evidence(entered_at=start, snapshots=violated))

    assert gate(last_before).is_go
    assert not gate(last_before + 1).is_go


def test_what_was_before_the_phase_is_not_held_against_it():
    ready = make.evidence()
    before = Snapshot(taken_at=NOW - DAY, readings=make.readings(out=["duplicates"]))

    assert gates.evaluate(replace(ready, snapshots=(before, *ready.snapshots))).is_go


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_a_metric_that_was_not_read_is_no_evidence(metric):
    ready = make.evidence()

    gate = gates.evaluate(replace(ready, snapshots=with_reading(ready.snapshots, 50, **{metric: None})))

    assert unmet(gate)[Code.METRICS_HELD] == [Lack.METRIC_VIOLATED]


@pytest.mark.parametrize(
    "reading",
    [None, 0, "ok", [], {}, {"is_ok": 1}, {"is_ok": "true"}, {"value": 0, "shown": "0"}, {"is_ok": False}]
    + [
        {"is_ok": True, "part": part, "whole": whole}
        for part, whole in [(1, None), (2, 1), (-1, 3), (0, 2.5), (True, 1)]
    ],
)
def test_a_reading_that_cannot_be_understood_is_not_within_its_threshold(reading):
    assert Measured.parse({"value": 0, "is_ok": True, "shown": "0", "part": None, "whole": None}).is_ok
    assert Measured.parse({"value": 0, "is_ok": True, "shown": "0", "part": 0, "whole": 4}).whole == 4
    assert not Measured.parse(reading).is_ok


# --- The provider's errors ----------------------------------------------------------------------------------------


def test_no_error_in_few_attempts_is_no_proof():
    few = make.snapshots(since=NOW - DAY, until=NOW, attempts=0)
    ten = (*few[:-10], *make.snapshots(since=NOW - 10 * EVERY, until=NOW, attempts=1))

    gate = gates.evaluate(make.evidence(snapshots=ten, sends=10, least_sends=10))

    assert unmet(gate) == {Code.ERROR_RATE: [Lack.RATE_NOT_PROVEN]}
    assert gate.unmet[0].details == {"errors": 0, "attempts": 10, "upper": 0.212942, "still_needed": 258}


def test_one_error_in_forty_is_not_under_one_percent():
    quiet = make.snapshots(since=NOW - DAY, until=NOW, attempts=0)
    snapshots = (
        *quiet[:-4],
        *make.snapshots(since=NOW - 4 * EVERY, until=NOW - EVERY, attempts=10),
        Snapshot(taken_at=NOW, readings=make.readings(errors=1, attempts=10)),
    )

    gate = gates.evaluate(make.evidence(snapshots=snapshots))

    # Over the day, and not proven to be under it.
    assert set(unmet(gate)) == {Code.METRICS_HELD, Code.ERROR_RATE}
    assert gate.unmet[-1].details["upper"] == 0.104589


@pytest.mark.parametrize(("attempts", "is_go"), [(446, True), (445, False)])
def test_an_error_among_many_is_judged_by_what_it_proves_and_not_by_its_five_minutes(attempts, is_go):
    """One failure in 446 is proof of less than 1 %, though its five minutes saw one failure of one."""
    quiet = make.snapshots(since=NOW - DAY, until=NOW, attempts=0)
    busy = Snapshot(taken_at=quiet[0].taken_at, readings=make.readings(attempts=attempts - 1))
    failed = Snapshot(taken_at=NOW, readings=make.readings(errors=1, attempts=1))

    gate = gates.evaluate(make.evidence(snapshots=(busy, *quiet[1:-1], failed)))

    assert gate.is_go is is_go
    assert unmet(gate) == ({} if is_go else {Code.ERROR_RATE: [Lack.RATE_NOT_PROVEN]})


def test_a_bad_hour_is_held_against_its_day_however_good_the_week_was():
    """40 errors in one hour are 0.17 % of the week, but 1.2 % of their day."""
    week = make.snapshots(since=NOW - 7 * DAY, until=NOW, attempts=12)
    bad = Snapshot(taken_at=week[1000].taken_at, readings=make.readings(errors=40, attempts=40))

    gate = gates.evaluate(make.evidence(pct=50, snapshots=(*week[:1000], bad, *week[1001:])))

    assert unmet(gate) == {Code.METRICS_HELD: [Lack.METRIC_VIOLATED]}
    # Its last snapshot to see the bad hour is the one five minutes less than a day later.
    assert gate.earliest_at == week[1287].taken_at + 7 * DAY


def test_one_numbers_day_is_too_little_and_clean_days_before_the_window_count():
    """100 messages a day are all one number may send: in 24 h they can prove nothing, in three clean days they do."""

    def gate(days: int) -> Gate:
        everything = make.snapshots(since=NOW - days * DAY, until=NOW, attempts=0)
        busy = [
            replace(one, readings=make.readings(attempts=100)) if (NOW - one.taken_at) % DAY == 12 * HOUR else one
            for one in everything
        ]
        return gates.evaluate(make.evidence(entered_at=NOW - days * DAY, snapshots=tuple(busy), sends=100))

    assert unmet(gate(2)) == {Code.ERROR_RATE: [Lack.RATE_NOT_PROVEN]}
    assert gate(3).is_go


def test_what_the_window_saw_fail_cannot_be_left_out():
    """A clean phase before the window does not hide what failed in it: all of the window is always counted."""
    start = NOW - 3 * DAY
    everything = make.snapshots(since=start, until=NOW, attempts=0)
    failed = replace(everything[-1], readings=make.readings(errors=1, attempts=300))

    gate = gates.evaluate(make.evidence(entered_at=start, snapshots=(*everything[:-1], failed)))

    assert unmet(gate) == {Code.ERROR_RATE: [Lack.RATE_NOT_PROVEN]}
    assert gate.unmet[0].details["errors"] == 1


# --- Gaps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1, 140, 284])
def test_more_than_fifteen_minutes_without_a_snapshot_are_a_gap_wherever_they_are(first):
    ready = make.evidence()

    def without(count: int) -> Gate:
        kept = ready.snapshots[:first] + ready.snapshots[first + count :]
        return gates.evaluate(replace(ready, snapshots=kept))

    assert without(2).is_go
    gate = without(3)
    assert unmet(gate) == {Code.NO_GAP: [Lack.GAP]}
    until = NOW - DAY + (first + 4) * EVERY
    assert gate.unmet[0].missing[0].details == {"since": NOW - DAY + first * EVERY, "until": until}
    assert gate.earliest_at == until + DAY


@pytest.mark.parametrize(("silent_for", "is_go"), [(15 * 60, True), (15 * 60 + 1, False)])
def test_the_last_fifteen_minutes_may_be_dark_and_not_a_second_more(silent_for, is_go):
    now = NOW + timedelta(seconds=silent_for)

    gate = gates.evaluate(make.evidence(now=now, entered_at=NOW - DAY, snapshots=make.evidence().snapshots))

    assert gate.is_go is is_go
    assert unmet(gate) == ({} if is_go else {Code.NO_GAP: [Lack.GAP]})


def test_no_snapshot_at_all_is_one_large_gap():
    gate = gates.evaluate(make.evidence(snapshots=()))

    assert unmet(gate)[Code.NO_GAP] == [Lack.GAP]
    assert not gate.is_go


# --- Sends, incidents, drills, prerequisites ----------------------------------------------------------------------


@pytest.mark.parametrize(("sends", "is_go"), [(50, True), (49, False), (0, False)])
def test_too_few_messages_are_nothing_to_judge_by(sends, is_go):
    gate = gates.evaluate(make.evidence(sends=sends))

    assert gate.is_go is is_go
    assert unmet(gate) == ({} if is_go else {Code.ENOUGH_SENDS: [Lack.TOO_FEW_SENDS]})


def test_below_a_there_is_no_traffic_to_ask_for():
    quiet = make.snapshots(since=NOW - DAY, until=NOW, attempts=0)

    assert gates.evaluate(make.evidence(pct=0, sends=0, snapshots=quiet)).is_go
    assert not gates.evaluate(make.evidence(pct=10, sends=0, snapshots=quiet)).is_go


@pytest.mark.parametrize("severity", ["P0", "P1", "anything"])
def test_a_grave_incident_that_was_open_in_the_window_stands_in_the_way(severity):
    def gate(**changes) -> Gate:
        return gates.evaluate(make.evidence(incidents=(make.incident(severity=severity, **changes),)))

    assert unmet(gate()) == {Code.NO_INCIDENT: [Lack.INCIDENT]}
    assert gate().earliest_at == NOW + DAY
    assert gate(resolved_at=NOW - 3 * HOUR).earliest_at == NOW + 21 * HOUR
    # Opened long before, but open in the window.
    assert not gate(opened_at=NOW - 9 * DAY, resolved_at=NOW - DAY + EVERY).is_go
    assert gate(opened_at=NOW - 9 * DAY, resolved_at=NOW - DAY).is_go


@pytest.mark.parametrize("severity", ["P2", "P3"])
def test_a_minor_incident_does_not(severity):
    assert gates.evaluate(make.evidence(incidents=(make.incident(severity=severity),))).is_go


SWITCHES = ("kill_switch_julia", "kill_switch_campaigns")


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(
    ("changes", "lack"),
    [
        ({"started_at": NOW - DAY - EVERY}, Lack.DRILL_MISSING),  # before the window
        ({"pct": 25}, Lack.DRILL_MISSING),  # in another phase
        ({"started_at": NOW + EVERY}, Lack.DRILL_MISSING),  # by a clock that is ahead
        ({"passed": False}, Lack.DRILL_FAILED),
        ({"passed": None}, Lack.DRILL_FAILED),  # cut off, or not over
    ],
)
def test_both_kill_switches_must_have_been_drilled_in_the_window(name, changes, lack):
    drills = make.drills(pct=10, at=NOW - HOUR, names=SWITCHES)
    spoiled = tuple(replace(drill, **changes) if drill.name == name else drill for drill in drills)

    assert gates.evaluate(make.evidence(entered_at=NOW - 3 * DAY, drills=drills, **_long())).is_go
    gate = gates.evaluate(make.evidence(entered_at=NOW - 3 * DAY, drills=spoiled, **_long()))

    assert unmet(gate) == {Code.SWITCHES_DRILLED: [lack]}
    assert gate.unmet[0].missing[0].details == {"drill": name}
    assert gate.earliest_at == NOW  # as soon as somebody does it


def _long():
    return {"snapshots": make.snapshots(since=NOW - 3 * DAY, until=NOW)}


def test_the_last_try_of_a_drill_decides():
    failed = KnownDrill(name=SWITCHES[0], pct=10, started_at=NOW - 2 * HOUR, passed=False)
    passed = make.drills(pct=10, at=NOW - HOUR, names=SWITCHES)

    assert gates.evaluate(make.evidence(drills=(failed, *passed))).is_go
    assert not gates.evaluate(make.evidence(drills=(*passed, replace(failed, started_at=NOW)))).is_go


@pytest.mark.parametrize("name", phases.PLAYBOOK)
def test_before_a_hundred_percent_the_whole_playbook_was_drilled_in_phase_c(name):
    drills = make.drills(pct=50, at=NOW - HOUR)
    others = tuple(drill for drill in drills if drill.name != name)
    earlier = KnownDrill(name=name, pct=25, started_at=NOW - 8 * DAY, passed=True)

    gate = gates.evaluate(make.evidence(pct=50, drills=(earlier, *others)))

    assert gates.evaluate(make.evidence(pct=50, drills=drills)).is_go
    assert Lack.DRILL_MISSING in unmet(gate)[Code.PLAYBOOK_DRILLED]


@pytest.mark.parametrize("phase", phases.PHASES)
def test_a_phase_asks_for_the_prerequisites_of_all_phases_below(phase):
    pct = phases.below(phase.pct)
    for name in phases.prerequisites_of(phase):
        ready = make.evidence(pct=pct)
        assert gates.evaluate(ready).is_go

        gate = gates.evaluate(replace(ready, prerequisites={**ready.prerequisites, name: Finding(is_met=False)}))
        forgotten = {other: found for other, found in ready.prerequisites.items() if other != name}

        assert unmet(gate) == {name: [Lack.NOT_FOUND]}
        assert unmet(gates.evaluate(replace(ready, prerequisites=forgotten))) == {name: [Lack.NOT_FOUND]}


# --- The table of the Resumo Executivo ----------------------------------------------------------------------------


def test_the_table_says_go_where_we_are_and_for_the_next_phase_only():
    facts = make.evidence(pct=25)

    rows = gates.table(facts, gates.evaluate(facts))

    assert [(row.phase.code, row.is_go, row.is_current) for row in rows] == [
        ("A", True, False),
        ("B", True, True),
        ("C", True, False),
        ("D", False, False),  # everything might be ready: one phase at a time
    ]


def test_the_table_says_no_go_where_we_are_when_a_prerequisite_is_gone():
    facts = make.evidence(pct=25)
    facts = replace(facts, prerequisites={**facts.prerequisites, "retry_in_force": Finding(is_met=False)})

    rows = gates.table(facts, gates.evaluate(facts))

    assert [row.is_go for row in rows] == [True, False, False, False]


# --- The worked example of the module's docstring -----------------------------------------------------------------


def test_the_worked_example_is_true():
    entered_at, now = datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)
    night = datetime(2026, 11, 24, 4, 5, tzinfo=UTC)
    quiet = [
        replace(one, readings=make.readings(attempts=0))
        for one in make.snapshots(since=entered_at, until=now)
        if not night < one.taken_at < night + timedelta(minutes=20)
    ]
    leaked = replace(quiet[203], readings=make.readings(attempts=0, out=["outbound_to_opted_out"]))
    assert leaked.taken_at == datetime(2026, 11, 24, 2, tzinfo=UTC)
    last = replace(quiet[-1], readings=make.readings(errors=1, attempts=400))
    facts = make.evidence(
        now=now,
        entered_at=entered_at,
        snapshots=(*quiet[:203], leaked, *quiet[204:-1], last),
        drills=make.drills(pct=10, at=datetime(2026, 11, 23, 18, tzinfo=UTC)),
    )

    gate = gates.evaluate(facts)

    earliest = {row.code: row.earliest_at for row in gate.unmet}
    assert earliest == {
        "metrics_held": datetime(2026, 11, 25, 2, tzinfo=UTC),
        "no_gap": datetime(2026, 11, 25, 4, 25, tzinfo=UTC),
        "error_rate": None,
    }
    assert gate.unmet[2].details == {"errors": 1, "attempts": 400, "upper": 0.011127, "still_needed": 46}
    assert gate.earliest_at == datetime(2026, 11, 25, 4, 25, tzinfo=UTC)
    later = gates.evaluate(replace(facts, now=datetime(2026, 11, 25, 4, 25, tzinfo=UTC)))
    assert unmet(later)[Code.SWITCHES_DRILLED] == [Lack.DRILL_MISSING] * 2


# --- Clocks -------------------------------------------------------------------------------------------------------

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 25, 0, 0, tzinfo=UTC),  # UTC midnight
        datetime(2026, 11, 25, 0, 2, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 0, tzinfo=UTC),  # year end
        datetime(2027, 1, 1, 1, 0, tzinfo=SAO_PAULO),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),  # a leap day
        datetime(2018, 11, 4, 12, 0, tzinfo=SAO_PAULO),  # a day of 23 hours
        datetime(2018, 2, 18, 12, 0, tzinfo=SAO_PAULO),  # and one of 25
        datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK),  # the second 01:30 of that night
    ],
)
def test_a_window_is_as_many_hours_on_every_day_of_the_year(now):
    """Everything in local time, as a program might hand it in: a day is 24 hours, and not from noon to noon."""
    in_utc = now.astimezone(UTC)
    local = [
        Snapshot(taken_at=one.taken_at.astimezone(now.tzinfo), readings=one.readings)
        for one in make.snapshots(since=in_utc - DAY, until=in_utc)
    ]

    def gate(entered_at: datetime) -> Gate:
        drills = make.drills(pct=10, at=(in_utc - HOUR).astimezone(now.tzinfo))
        local_entry = entered_at.astimezone(now.tzinfo)
        return gates.evaluate(make.evidence(now=now, entered_at=local_entry, snapshots=tuple(local), drills=drills))

    assert unmet(gate(in_utc - DAY)) == {}
    late = gate(in_utc - DAY + timedelta(minutes=1))
    assert unmet(late) == {Code.LONG_ENOUGH: [Lack.TOO_SOON]}
    assert late.earliest_at == in_utc + timedelta(minutes=1)


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_snapshots_come_does_not_matter(random):
    ready = make.evidence()
    spoiled = replace(ready, snapshots=with_reading(ready.snapshots, 30, duplicates=Measured(is_ok=False)))
    for facts in (ready, spoiled):
        shuffled = list(facts.snapshots)
        random.shuffle(shuffled)

        assert gates.evaluate(replace(facts, snapshots=tuple(shuffled))) == gates.evaluate(facts)


# --- The three promises -------------------------------------------------------------------------------------------

non_rate = st.sampled_from(sorted(METRICS - {"provider_error_rate"}))
INCIDENTS = {"none": (), "resolved": (make.incident(resolved_at=NOW - 30 * HOUR),), "open": (make.incident(),)}
# Building a day of snapshots takes a while on a busy machine.
slowly = settings(deadline=None, max_examples=60)


@dataclass(frozen=True)
class Story:
    """Evidence at 10 % from one to three days, spoiled in a few places or not at all; short to print."""

    hours: int
    attempts: int
    violated: list[tuple[int, str]]
    failed: list[tuple[int, int, int]]
    hole: tuple[int, int]
    sends: int
    incidents: str

    @property
    def evidence(self) -> Evidence:
        start = NOW - self.hours * HOUR
        found = list(make.snapshots(since=start, until=NOW, attempts=self.attempts))
        for index, metric in self.violated:
            found = list(with_reading(tuple(found), index, **{metric: Measured(is_ok=False)}))
        for index, errors, more in self.failed:
            rate = Measured(is_ok=False, part=errors, whole=errors + more)
            found = list(with_reading(tuple(found), index, provider_error_rate=rate))
        first, length = self.hole
        del found[first : first + length]
        incidents = INCIDENTS[self.incidents]
        return make.evidence(entered_at=start, snapshots=tuple(found), sends=self.sends, incidents=incidents)


places = st.integers(0, 280)
stories = st.builds(
    Story,
    hours=st.integers(24, 72),
    attempts=st.integers(0, 3),
    violated=st.lists(st.tuples(places, non_rate), max_size=2),
    failed=st.lists(st.tuples(places, st.integers(1, 9), st.integers(0, 2000)), max_size=3),
    hole=st.tuples(places, st.integers(0, 5)),
    sends=st.sampled_from([0, 49, 50, 500]),
    incidents=st.sampled_from(sorted(INCIDENTS)),
)


@slowly
@given(stories, st.integers(0, 1000), non_rate)
def test_no_violation_in_the_window_is_ever_go(story, place, metric):
    facts = story.evidence
    index = place % len(facts.snapshots)
    violated = with_reading(facts.snapshots, index, **{metric: Measured(is_ok=False)})

    gate = gates.evaluate(replace(facts, snapshots=violated))

    assert facts.snapshots[index].taken_at <= NOW - DAY or not gate.is_go


@slowly
@given(stories, st.integers(0, 1000), st.integers(1, 50), non_rate)
def test_another_violation_never_turns_no_go_into_go(story, place, failures, metric):
    facts = story.evidence
    index = place % len(facts.snapshots)
    rate = facts.snapshots[index].readings["provider_error_rate"]
    more = Measured(is_ok=False, part=(rate.part or 0) + failures, whole=(rate.whole or 0) + failures)
    was_go = gates.evaluate(facts).is_go

    for worse in (
        replace(facts, snapshots=with_reading(facts.snapshots, index, **{metric: Measured(is_ok=False)})),
        replace(facts, snapshots=with_reading(facts.snapshots, index, provider_error_rate=more)),
        replace(facts, snapshots=with_reading(facts.snapshots, index, provider_error_rate=Measured(is_ok=False))),
        replace(facts, incidents=(*facts.incidents, make.incident(id=2, severity="P1"))),
    ):
        assert was_go or not gates.evaluate(worse).is_go


def is_clean(snapshot: Snapshot) -> bool:
    rate = snapshot.readings["provider_error_rate"]
    others = (measured for name, measured in snapshot.readings.items() if name != "provider_error_rate")
    return all(measured.is_ok for measured in others) and not rate.part


@slowly
@given(stories, st.sets(st.integers(0, 1000), min_size=1, max_size=4), st.sampled_from(sorted(METRICS)), st.data())
def test_missing_data_never_helps(story, places, metric, data):
    """Less of anything that speaks for us: snapshots that saw nothing bad, readings of any, sends, drills, findings."""
    facts = story.evidence
    gone = {place % len(facts.snapshots) for place in places}
    kept = tuple(one for n, one in enumerate(facts.snapshots) if n not in gone or not is_clean(one))
    name = data.draw(st.sampled_from(sorted(facts.prerequisites)))
    was_go = gates.evaluate(facts).is_go

    for poorer in (
        replace(facts, snapshots=kept),
        replace(facts, snapshots=with_reading(facts.snapshots, min(gone), **{metric: None})),
        replace(facts, snapshots=()),
        replace(facts, sends=facts.sends // 2),
        replace(facts, drills=facts.drills[1:]),
        replace(facts, prerequisites={other: found for other, found in facts.prerequisites.items() if other != name}),
        replace(facts, entered_at=None),
    ):
        assert was_go or not gates.evaluate(poorer).is_go


@slowly
@given(stories)
def test_go_never_comes_before_the_earliest_instant_and_then_may(story):
    """Even if from now on everything is as it should be; a day over its error rate may go on a while longer."""
    facts = story.evidence
    gate = gates.evaluate(facts)
    earliest_at = gate.earliest_at or NOW
    assume(earliest_at > NOW)
    more = make.snapshots(since=NOW - EVERY, until=earliest_at, attempts=1000)
    closed = tuple(replace(one, resolved_at=one.resolved_at or NOW) for one in facts.incidents)
    perfect = replace(facts, snapshots=(*facts.snapshots, *more), incidents=closed, sends=1000)

    def at(now: datetime) -> Gate:
        return gates.evaluate(replace(perfect, now=now, drills=make.drills(pct=10, at=now)))

    assert not at(earliest_at - timedelta(seconds=1)).is_go
    assert unmet(at(earliest_at)).keys() <= {Code.METRICS_HELD}


def test_a_gate_is_written_down_whole():
    gate = gates.evaluate(make.evidence(sends=3, incidents=(make.incident(),)))

    written = gates.as_json(gate)

    assert (written["phase"], written["to_pct"], written["go"]) == ("B", 25, False)
    assert written["judged_at"] == "2026-11-25T18:00:00+00:00"
    by_code = {row["code"]: row for row in written["criteria"]}
    assert by_code["enough_sends"]["missing"] == [{"reason": "too_few_sends", "sends": 3, "needed": 50}]
    assert by_code["no_incident"]["earliest_at"] == "2026-11-26T18:00:00+00:00"
    assert by_code["retry_in_force"]["met"] is True
