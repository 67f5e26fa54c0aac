"""What operators are told of a bridge, once it is true: on commit, and without personal data.

Who tells people registers with `on_notice` (a package above calls it in `ready()`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from canary.event_types import EventType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that happened to a bridge; `needs_person` where nothing goes on by itself."""

    type: EventType
    handoff_id: UUID
    vaga_id: UUID
    reason: str = ""
    needs_person: bool = False


Listener = Callable[[Notice], None]
_listeners: list[Listener] = []


def on_notice(listener: Listener) -> None:
    """Have `listener` called with every notice, after the transaction of its fact has committed."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(notice: Notice) -> None:
    """Tell operators when the caller's transaction commits, and not at all if it does not."""
    transaction.on_commit(lambda: _tell(notice), robust=True)


def _tell(notice: Notice) -> None:
    level = logging.WARNING if notice.needs_person else logging.INFO
    logger.log(level, "%s: bridge %s, vaga %s %s", notice.type, notice.handoff_id, notice.vaga_id, notice.reason)
    for listener in _listeners:
        listener(notice)
