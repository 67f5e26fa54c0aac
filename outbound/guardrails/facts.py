"""Loads what the guardrails decide from: one query for a batch, whether it is asked about or about to be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from canary.flag_values import Flags
from outbound import rows
from outbound.circuit import Circuit
from outbound.guardrails.limits import Limit, Usage
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.snapshot import Facts, Policy
from outbound.methods import PROACTIVE, ContactKind

# A reply answers an inbound message at most this old (DESIGN.md, Guardrails, `invalid_reply`).
PROOF_AGE = timedelta(minutes=30)
# Nobody's: SQL would take NULL for the claim of everything that was never claimed.
NO_CLAIM = UUID(int=0)

_FOLDER = Path(__file__).parent
_FACTS = (_FOLDER / "facts.sql").read_text(encoding="utf-8")
ABOUT_GIVEN = _FACTS.replace("/* requests */", (_FOLDER / "requests_given.sql").read_text(encoding="utf-8"))
ABOUT_CLAIMED = _FACTS.replace("/* requests */", (_FOLDER / "requests_claimed.sql").read_text(encoding="utf-8"))


class UnknownContactError(LookupError):
    """A request names a contact that does not exist."""


def policy() -> Policy:
    """The house rules as the settings have them."""
    return Policy(
        in_production=settings.IN_PRODUCTION,
        allowlist=settings.OUTBOUND_ALLOWLIST,
        business_hours=settings.BUSINESS_HOURS,
        rate_limits=settings.OUTBOUND_RATE_LIMITS,
        contact_cap=settings.OUTBOUND_CONTACT_CAP,
    )


def load(requests: Sequence[OutboundRequest], *, now: datetime) -> list[Facts]:
    """Load the facts of each request, in their order.

    Raises:
        UnknownContactError: when one of the contacts does not exist.
    """
    given = [
        {
            "ord": ord_,
            "cliente_id": request.cliente_id,
            "sender_id": request.sender_id,
            "actor_id": request.actor_id,
            "conversation_id": request.conversation_id,
            "inbound_interaction_id": request.inbound_interaction_id,
        }
        for ord_, request in enumerate(requests)
    ]
    parameters = {"given": json.dumps(given, default=str), "proof_age": PROOF_AGE, "claim": NO_CLAIM}
    found = {row["ord"]: row for row in _query(ABOUT_GIVEN, parameters, now=now)}
    if len(found) < len(requests):
        raise UnknownContactError("There is no contact with this id.")
    rules = policy()
    return [_facts(found[ord_], rules, now=now) for ord_ in range(len(requests))]


def load_claimed(*, claim_id: UUID, ids: Sequence[UUID] | None, now: datetime) -> dict[UUID, Facts]:
    """Load the facts of the messages a claim holds, or of some of them, in the order in which they should go."""
    parameters = {"claim": claim_id, "ids": None if ids is None else list(ids)}
    rules = policy()
    return {row["id"]: _facts(row, rules, now=now) for row in _query(ABOUT_CLAIMED, parameters, now=now)}


def _query(query: str, parameters: Mapping[str, Any], *, now: datetime) -> list[dict[str, Any]]:
    rules = policy()
    everything = {
        **parameters,
        "now": now,
        "limit_counts": [limit.count for limit in rules.rate_limits],
        "limit_windows": [limit.window for limit in rules.rate_limits],
        "cap_count": rules.contact_cap.count,
        "cap_window": rules.contact_cap.window,
        "proactive": sorted(PROACTIVE),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, everything)
        return rows.as_dicts(cursor)


def _facts(row: Mapping[str, Any], rules: Policy, *, now: datetime) -> Facts:
    return Facts(
        now=now,
        policy=rules,
        flags=_flags(row["flags"] or "{}"),
        phone=row["phone"],
        kind=ContactKind(row["kind"]),
        bucket=row["bucket"],
        opted_out_at=row["opted_out_at"],
        cooling_off_until=row["cooling_off_until"],
        next_allowed_at=row["next_allowed_at"],
        has_inbound_proof=row["has_inbound_proof"],
        operator_is_known=row["operator_is_known"],
        contact_usage=_usage(rules.rate_limits, row["contact_used"], row["contact_oldest"]),
        proactive_usage=Usage(limit=rules.contact_cap, used=row["proactive_used"], oldest_at=row["proactive_oldest"]),
        sender_usage=_usage(rules.rate_limits, row["sender_used"] or (), row["sender_oldest"] or ()),
        sender_is_ready=row["sender_is_ready"],
        circuit=Circuit(
            failures=row["circuit_failures"] or 0,
            trips=row["circuit_trips"] or 0,
            open_until=row["circuit_open_until"],
        ),
        probe_is_free=bool(row["probe_is_free"]),
        campaign_is_paused=row["campaign_is_paused"],
    )


def _usage(limits: Sequence[Limit], used: Sequence[int], oldest: Sequence[datetime | None]) -> tuple[Usage, ...]:
    return tuple(
        Usage(limit=limit, used=count, oldest_at=at) for limit, count, at in zip(limits, used, oldest, strict=False)
    )


@lru_cache(maxsize=8)
def _flags(values: str) -> Flags:
    # Every row of a batch repeats the same switches: parsed once.
    return Flags.parse(json.loads(values))
