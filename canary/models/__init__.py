"""Events, switches, health, incidents and the rollout."""

from __future__ import annotations

from canary.models.event import BusinessEvent
from canary.models.flag import FeatureFlag, FeatureFlagChange
from canary.models.incident import Incident, IncidentEvent, Severity
from canary.models.rollout import Drill, PhaseTransition
from canary.models.snapshot import DailySummary, HealthSnapshot

__all__ = [
    "BusinessEvent",
    "DailySummary",
    "Drill",
    "FeatureFlag",
    "FeatureFlagChange",
    "HealthSnapshot",
    "Incident",
    "IncidentEvent",
    "PhaseTransition",
    "Severity",
]
