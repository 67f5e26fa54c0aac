"""What must be there before a phase is entered, found by looking at the live system and never at a tick box.

`canary.phases` names them; packages register how to look for them in `ready()`. A look that nobody registered, or that
fails, finds nothing: the prerequisite is not met.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from canary.gate_facts import Finding

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

logger = logging.getLogger(__name__)

# Looks at the system as of an instant.
Check = Callable[[datetime], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """How to look for one; `label` names it to people."""

    name: str
    label: _StrPromise
    check: Check


_registered: dict[str, Prerequisite] = {}


def register(name: str, check: Check, *, label: _StrPromise) -> None:
    """Have a prerequisite looked for; the last one registered under a name counts."""
    _registered[name] = Prerequisite(name=name, label=label, check=check)


def label(name: str) -> str:
    """Name a prerequisite to people; by its own name when nobody registered it."""
    found = _registered.get(name)
    return str(found.label) if found else name


def look(names: Iterable[str], *, now: datetime) -> dict[str, Finding]:
    """Look for prerequisites; answer every name's finding."""
    return {name: _look(name, now=now) for name in names}


def _look(name: str, *, now: datetime) -> Finding:
    found = _registered.get(name)
    if found is None:
        return Finding(is_met=False, details={"look": "not registered"})
    try:
        with transaction.atomic():  # a query that fails spoils nothing around it
            return found.check(now)
    except Exception as error:
        # Whatever keeps us from looking: not knowing is a no, and must keep nobody from seeing the rest.
        logger.exception("The look for %s failed", name)
        return Finding(is_met=False, details={"look": f"failed: {type(error).__name__}"})
