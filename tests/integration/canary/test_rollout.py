"""Growing and shrinking: no way round the gate, one phase at a time, each change with who, why and the evidence."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from canary import evidence, flags, gates, personal_data, rollout
from canary.flag_values import FlagKey
from canary.models import (
    BusinessEvent,
    FeatureFlag,
    FeatureFlagChange,
    HealthSnapshot,
    Incident,
    PhaseTransition,
)
from canary.personal_data import PersonalDataError
from canary.rollout import NoGoError, NotLowerError
from tests.factories import rollout as make

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def promote(*, now: datetime = NOW, **changes) -> PhaseTransition:
    return rollout.promote(**{"actor": "ana", "reason": "24 h estáveis", "now": now, **changes})


def rollback(to_pct: int, *, now: datetime = NOW, **changes) -> PhaseTransition:
    return rollout.rollback(**{"to_pct": to_pct, "actor": "ana", "reason": "erros", "now": now, **changes})


def pct() -> int:
    return flags.read().canary_pct


# --- Growing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(0, 10), (5, 10), (10, 25), (25, 50), (30, 50), (50, 100)])
def test_a_stable_canary_grows_to_the_next_phase(before, after):
    make.stable(before, now=NOW)

    moved = promote()

    assert (moved.from_pct, moved.to_pct, pct()) == (before, after, after)


def test_a_promotion_leaves_switch_event_and_history_with_the_evidence_as_it_was():
    make.stable(10, now=NOW)

    promote()

    moved = PhaseTransition.objects.order_by("-id")[0]
    assert (moved.from_pct, moved.to_pct, moved.at) == (10, 25, NOW)
    assert (moved.actor, moved.reason) == ("ana", "24 h estáveis")
    assert moved.evidence["go"] is True
    by_code = {row["code"]: row["details"] for row in moved.evidence["criteria"]}
    assert by_code["enough_sends"] == {"sends": 60, "needed": 50}
    assert by_code["error_rate"] == {"errors": 0, "attempts": 576, "upper": 0.004675, "still_needed": 0}
    personal_data.refuse(moved.evidence)
    (event,) = BusinessEvent.objects.filter(event_type="phase_changed")
    assert event.event_props == {"from": 10, "to": 25, "actor_id": "ana", "reason": "24 h estáveis"}
    change = FeatureFlagChange.objects.get()
    assert (change.key, change.before, change.after) == ("outbound_canary", {"pct": 10}, {"pct": 25})


def test_no_go_is_refused_with_everything_that_is_missing_and_changes_nothing():
    make.stable(10, now=NOW)
    Incident.objects.create(severity="P1", kind="x", opened_at=NOW, opened_by="system", last_seen_at=NOW)
    HealthSnapshot.objects.filter(taken_at=NOW - HOUR).update(readings=make.readings(duplicates={"is_ok": False}))

    with pytest.raises(NoGoError) as refused:
        promote()

    assert [row.code for row in refused.value.gate.unmet] == ["metrics_held", "no_incident"]
    assert refused.value.gate.earliest_at == NOW + timedelta(hours=24)
    assert pct() == 10
    assert PhaseTransition.objects.count() == 1
    assert not BusinessEvent.objects.filter(event_type="phase_changed").exists()


def test_a_new_installation_grows_on_evidence_and_not_before():
    FeatureFlag.objects.filter(key="outbound_canary").update(updated_at=NOW - timedelta(hours=24))
    with pytest.raises(NoGoError):
        promote()
    make.snapshots(since=NOW - timedelta(hours=24), until=NOW)
    make.drilled(pct=10, at=NOW - HOUR)
    make.sent(50, until=NOW)

    assert promote().to_pct == 25


def test_growing_twice_takes_a_window_each():
    make.stable(10, now=NOW)
    promote()

    with pytest.raises(NoGoError) as refused:
        promote(now=NOW + timedelta(minutes=1))

    assert refused.value.gate.target is not None
    assert refused.value.gate.target.code == "C"
    assert {"long_enough", "switches_drilled", "enough_sends"} <= {row.code for row in refused.value.gate.unmet}
    assert refused.value.gate.earliest_at == NOW + timedelta(hours=48)


def test_there_is_nothing_above_a_hundred():
    make.stable(100, now=NOW)

    with pytest.raises(NoGoError, match="nothing above"):
        promote()


def test_two_who_promote_at_once_do_not_skip_a_phase():
    make.stable(10, now=NOW)
    start, outcomes = threading.Barrier(4), []

    def go() -> None:
        start.wait()
        try:
            outcomes.append(promote().to_pct)
        except NoGoError as refused:
            outcomes.append(refused.gate.pct)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # One promoted; the others were judged where it had led, and refused.
    assert outcomes == [25, 25, 25, 25]
    assert PhaseTransition.objects.filter(to_pct=25).count() == 1
    assert pct() == 25


def test_an_incident_that_opens_while_we_are_judged_is_seen_by_the_next_one():
    make.stable(10, now=NOW)
    before = gates.evaluate(evidence.load(now=NOW))
    Incident.objects.create(severity="P0", kind="x", opened_at=NOW, opened_by="system", last_seen_at=NOW)

    assert before.is_go
    with pytest.raises(NoGoError):
        promote()


# --- Shrinking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [0, 5, 10, 25, 49])
def test_a_rollback_needs_no_evidence(to):
    make.standing_at(50, since=NOW - HOUR)
    Incident.objects.create(severity="P0", kind="x", opened_at=NOW, opened_by="system", last_seen_at=NOW)

    moved = rollback(to)

    assert (moved.from_pct, moved.to_pct, pct()) == (50, to, to)
    assert moved.evidence["before"] == {"pct": 50, "entered_at": (NOW - HOUR).isoformat()}
    assert [(one["severity"], one["kind"]) for one in moved.evidence["incidents"]] == [("P0", "x")]
    assert BusinessEvent.objects.get(event_type="phase_changed").event_props["to"] == to


@pytest.mark.parametrize("to", [50, 51, 100, 101, -1])
def test_a_rollback_only_goes_down(to):
    make.standing_at(50, since=NOW - HOUR)

    with pytest.raises(NotLowerError):
        rollback(to)

    assert pct() == 50
    assert rollback(49).to_pct == 49


def test_after_a_rollback_the_window_counts_from_it():
    make.stable(50, now=NOW)
    rollback(10, now=NOW - HOUR)

    gate = gates.evaluate(evidence.load(now=NOW))

    assert gate.target is not None
    assert gate.target.code == "B"
    assert gate.earliest_at == NOW - HOUR + timedelta(hours=24)


@pytest.mark.parametrize("words", [{"actor": " "}, {"reason": ""}])
@pytest.mark.parametrize("act", [promote, lambda **changes: rollback(0, **changes)])
def test_nobody_and_no_reason_change_nothing(act, words):
    make.stable(10, now=NOW)

    with pytest.raises(ValueError, match="must not be empty"):
        act(**words)

    assert pct() == 10
    assert PhaseTransition.objects.count() == 1
    act()
    assert pct() != 10


def test_a_reason_with_personal_data_changes_nothing():
    make.standing_at(10, since=NOW - HOUR)

    with pytest.raises(PersonalDataError):
        rollback(0, reason="ligar para 11 98765-4321")

    assert pct() == 10


def turn(*, to_pct: int) -> None:
    """Turn the switch itself, as a drill does."""
    with transaction.atomic():
        flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": to_pct}, actor="ana", reason="teste", now=NOW - HOUR)


def test_a_drill_that_lowers_the_percentage_and_puts_it_back_starts_no_phase_anew():
    make.stable(50, now=NOW)
    before = evidence.position()

    turn(to_pct=9)
    assert evidence.position() == evidence.Position(pct=9, entered_at=None)
    turn(to_pct=50)

    assert evidence.position() == before
    assert promote().to_pct == 100


# --- Hands off ----------------------------------------------------------------------------------------------------


def test_a_percentage_that_was_changed_by_other_means_does_not_grow():
    make.stable(10, now=NOW)
    turn(to_pct=25)

    with pytest.raises(NoGoError) as refused:
        promote()

    assert refused.value.gate.unmet[0].missing[0].reason == "position_unknown"
    rollback(10)
    assert evidence.position() == evidence.Position(pct=10, entered_at=NOW)


@pytest.mark.parametrize("change", ["UPDATE phase_transitions SET at = now()", "DELETE FROM phase_transitions"])
def test_the_history_cannot_be_rewritten(change):
    make.standing_at(10, since=NOW)

    with (
        pytest.raises(ProgrammingError, match=r"append-only|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
