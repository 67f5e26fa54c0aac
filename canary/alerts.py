"""Who tells people: whatever must reach somebody passes here once its fact is committed.

A package above offers a listener in `ready()`, say one that posts to Slack. It is called in the process that saw the
fact, a worker in the middle of sending as likely as not: it should hand over to a job and return. While nobody
listens, alerts are logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from canary.models import Severity

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An incident as people should hear of it at `at`: what it is, what to do, and what was `done` already.

    `done` holds the codes of what the system did by itself (`canary.incidents.Happening`), oldest first; `details` is
    the evidence. None of it is personal data.
    """

    incident_id: int
    kind: str
    severity: Severity
    subject: str
    at: datetime
    title: str
    action: str
    done: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


Listener = Callable[[Alert], None]
_listeners: list[Listener] = []


def on_alert(listener: Listener) -> None:
    """Have `listener` called with every alert, after the transaction of its fact has committed."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(alert: Alert) -> None:
    """Tell everybody who listens; one who fails is logged, and keeps nobody else from hearing it."""
    logger.warning("ALERT %s %s %s (incident %s)", alert.severity, alert.kind, alert.subject or "-", alert.incident_id)
    for listener in _listeners:
        try:
            listener(alert)
        except Exception:
            logger.exception("A listener failed to tell of incident %s.", alert.incident_id)
