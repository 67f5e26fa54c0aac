"""Which drills there are, and running one from its beginning to its end, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from canary import incidents, personal_data
from canary.drills import records
from canary.drills.stage import OnStep, ShouldStop, Stage
from canary.drills.steps import DrillFailedError, DrillImpossibleError, Step, TakenOverError
from canary.incident_kinds import IncidentKind
from canary.models import Drill

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A drill: `rehearse` does it, `clean_up` removes what it leaves, in the transaction that ends it."""

    name: str
    title: _StrPromise
    rehearse: Callable[[Stage], None]
    clean_up: Callable[[str, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a drill ended; `passed` is None when it proves nothing. `problem` is for people."""

    drill_id: int
    passed: bool | None
    problem: str = ""


_plans: dict[str, Plan] = {}


def register(plan: Plan) -> None:
    """Offer a drill."""
    _plans[plan.name] = plan


def registered() -> list[Plan]:
    """All drills, in the order of their registration."""
    return list(_plans.values())


def run(
    *, name: str, actor: str, clock: Callable[[], datetime], on_step: OnStep, should_stop: ShouldStop = lambda: False
) -> Outcome:
    """Run a drill on the live system; it takes transactions of its own, and returns when all is as it was.

    `on_step` hears of every step as it is done; `should_stop` is asked while the drill waits. What is neither a pass
    nor a failure ends with `passed` None in its row, and an exception; what was impossible leaves no row.

    Raises:
        DrillImpossibleError: when it could prove nothing as things stand; nothing was switched.
        TakenOverError: when somebody turned the switch meanwhile; it stands as they want it.
        ToldToStopError: when `should_stop` said so; everything has been put back.
        DrillRunningError: when another one runs.
        KeyError: when there is no such drill.
        ValueError: when the actor is empty.
        PersonalDataError: when the actor looks like personal data.
    """
    plan = _plans[name]
    recover(now=clock())
    drill_id = _begin(plan, actor=actor, now=clock())
    stage = Stage(drill_id=drill_id, name=name, actor=actor, clock=clock, on_step=on_step, should_stop=should_stop)
    passed, problem, last = None, "", Step.INTERRUPTED
    try:
        plan.rehearse(stage)
        passed = True
    except DrillFailedError as error:
        passed, problem, last = False, str(error), Step.FAILED
    except DrillImpossibleError as error:
        problem, last = str(error), Step.IMPOSSIBLE
        raise
    except TakenOverError as error:
        problem, last = str(error), Step.TAKEN_OVER
        raise
    finally:
        if not passed:
            stage.note(last, **({"problem": problem} if problem else {}))
        _end(drill_id, plan, passed=passed, was_begun=last is not Step.IMPOSSIBLE, actor=actor, now=clock())
    return Outcome(drill_id=drill_id, passed=passed, problem=problem)


def recover(*, now: datetime) -> int:
    """End the drills whose process did not come back, and put back what they had turned; answer how many.

    Each is a transaction of its own, and an incident (P2).
    """
    cut_off = Drill.objects.filter(ended_at=None, lease_until__lte=now).values_list("pk", flat=True)
    return sum(_recover(drill_id, now=now) for drill_id in list(cut_off))


@transaction.atomic(durable=True)
def _recover(drill_id: int, *, now: datetime) -> bool:
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None, lease_until__lte=now).first()
    if drill is None:
        return False  # its process came back, or another watch was here first
    reason = f"drill {drill.pk} ({drill.name}) was cut off"
    step = (
        records.put_back(drill, actor=incidents.SYSTEM, reason=reason, now=now) if "turned" in drill.evidence else None
    )
    records.write_down(drill, Step.CUT_OFF, now=now)
    if drill.name in _plans:
        _plans[drill.name].clean_up(reason, now)
    records.close(drill, passed=None, actor=incidents.SYSTEM, now=now)
    incidents.report(
        kind=IncidentKind.DRILL_CUT_OFF,
        subject=drill.name,
        actor=incidents.SYSTEM,
        details={"drill_id": drill.pk, "switch": step},
        now=now,
    )
    return True


@transaction.atomic(durable=True)
def _begin(plan: Plan, *, actor: str, now: datetime) -> int:
    if not actor.strip():
        raise ValueError("A drill is run by somebody: actor must not be empty.")
    personal_data.refuse({"actor_id": actor})
    return records.begin(name=plan.name, actor=actor, now=now).pk


@transaction.atomic(durable=True)
def _end(drill_id: int, plan: Plan, *, passed: bool | None, was_begun: bool, actor: str, now: datetime) -> None:
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None).first()
    if drill is None:
        return  # it was held for cut off, and ended by the watch
    if "turned" in drill.evidence:
        # Putting it back failed, say with the database away for a moment.
        records.put_back(drill, actor=actor, reason=f"drill {drill_id} ({plan.name})", now=now)
    plan.clean_up(f"drill {drill_id} ({plan.name})", now)
    if not was_begun:
        # Nothing was tried, so an earlier pass is not the last try but one.
        drill.delete()
        return
    records.close(drill, passed=passed, actor=actor, now=now)
    if passed is False:
        incidents.report(
            kind=IncidentKind.DRILL_FAILED,
            subject=plan.name,
            actor=incidents.SYSTEM,
            details={"drill_id": drill_id},
            now=now,
        )
