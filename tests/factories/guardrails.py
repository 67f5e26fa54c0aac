"""Requests and facts whose defaults pass every rule, so that a test names only what matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from canary.flag_values import Flags
from outbound.circuit import Circuit
from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import Limit, Usage
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.snapshot import Facts, Policy
from outbound.methods import ContactKind, Method

# A Wednesday, 15:00 in São Paulo.
NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HOURLY = Limit(count=20, window=timedelta(hours=1))
DAILY = Limit(count=100, window=timedelta(days=1))
CAP = Limit(count=5, window=timedelta(days=7))
ALL_ON = Flags(
    julia_enabled=True,
    campaigns_enabled=True,
    safe_mode=False,
    canary_pct=100,
    handoff_enabled=True,
    handoff_pct=100,
)


def request(**changes: Any) -> OutboundRequest:
    """A campaign message."""
    return OutboundRequest(**{"cliente_id": UUID(int=1), "method": Method.CAMPAIGN, **changes})


def policy(**changes: Any) -> Policy:
    """The house rules in production."""
    defaults = {
        "in_production": True,
        "allowlist": frozenset(),
        "business_hours": BusinessHours.parse("mon-fri 08:00-20:00"),
        "rate_limits": (HOURLY, DAILY),
        "contact_cap": CAP,
    }
    return Policy(**{**defaults, **changes})


def usage(limit: Limit, *, used: int = 0, oldest_at: datetime | None = None) -> Usage:
    return Usage(limit=limit, used=used, oldest_at=oldest_at)


def facts(**changes: Any) -> Facts:
    """Nothing stands against anything."""
    defaults = {
        "now": NOW,
        "policy": policy(),
        "flags": ALL_ON,
        "phone": "5511987654321",
        "kind": ContactKind.DOCTOR,
        "bucket": 50,
        "opted_out_at": None,
        "cooling_off_until": None,
        "next_allowed_at": None,
        "has_inbound_proof": False,
        "operator_is_known": False,
        "contact_usage": (usage(HOURLY), usage(DAILY)),
        "proactive_usage": usage(CAP),
        "sender_usage": (usage(HOURLY), usage(DAILY)),
        "sender_is_ready": True,
        "circuit": Circuit(),
        "probe_is_free": True,
    }
    return Facts(**{**defaults, **changes})
