"""Drills: the playbook's exercises (go/no-go document, D2), really done on the running system.

A package above registers each with how to rehearse it:

    def kill_switch_julia(stage: Stage) -> None:
        with stage.turned(FlagKey.JULIA, {"enabled": False}):
            ...                                # whatever must stop, has stopped: stage.wait(...), or fail
        ...                                    # whatever must go on, goes on

How a switch was found is committed together with its turning, so it is put back whatever becomes of this process: at
the end of the `with`, when the drill is told to stop, and after kill -9 by the watch, once its lease has run out. What
somebody else said about the switch meanwhile stands: a drill switches nothing on that a person, or the system, wants
off, even where it was off already.
"""

from __future__ import annotations

from canary.drills.plans import Outcome, Plan, recover, register, registered, run
from canary.drills.stage import OnStep, ShouldStop, Stage
from canary.drills.steps import (
    DrillError,
    DrillFailedError,
    DrillImpossibleError,
    DrillRunningError,
    Step,
    TakenOverError,
    ToldToStopError,
)

__all__ = [
    "DrillError",
    "DrillFailedError",
    "DrillImpossibleError",
    "DrillRunningError",
    "OnStep",
    "Outcome",
    "Plan",
    "ShouldStop",
    "Stage",
    "Step",
    "TakenOverError",
    "ToldToStopError",
    "recover",
    "register",
    "registered",
    "run",
]
