"""Events, switches, health, incidents and the rollout."""

from __future__ import annotations

from canary.models.event import BusinessEvent
from canary.models.flag import FeatureFlag, FeatureFlagChange
from canary.models.incident import Incident, IncidentEvent, Severity
from canary.models.rollout import Drill, PhaseTransition
from canary.models.snapshot import DailySummary, HealthSnapshot
from canary.models.tally import EventTally, TallyProgress

__all__ = [
    "BusinessEvent",
    "DailySummary",
    "Drill",
    "EventTally",
    "FeatureFlag",
    "FeatureFlagChange",
    "HealthSnapshot",
    "Incident",
    "IncidentEvent",
    "PhaseTransition",
    "Severity",
    "TallyProgress",
]
