"""The log of messages' ways: a line for what happened to some, with their trace ids.

    {"event": "outbound_sent", "trace_ids": ["066b501f-…", …], "logger": "canary.traces", …}

A message's own id is its trace id. It is in every event about the message as `message_id`, so whoever searches the logs
of all processes for it finds its way from enqueueing to the provider's webhooks; `manage.py story` tells the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial

from django.db import transaction

logger = logging.getLogger(__name__)

# What a line may say besides what happened: identifiers and codes.
KEYS = frozenset({"trace_ids", "reason", "outcome", "status", "provider_message_id"})
# More ids than this make a line that log collectors cut.
MOST_IDS = 100


def tell(what: str, trace_ids: Iterable[object], **facts: str | None) -> None:
    """Log what happened to messages once the transaction has committed, or at once outside one; `facts` are of `KEYS`.

    What is rolled back did not happen, and leaves no line.
    """
    if logger.isEnabledFor(logging.INFO):
        ids = [str(id_) for id_ in trace_ids]
        known = {name: fact for name, fact in facts.items() if fact is not None}
        transaction.on_commit(partial(_write, what, ids, known), robust=True)


def _write(what: str, ids: list[str], facts: dict[str, str]) -> None:
    for start in range(0, max(len(ids), 1), MOST_IDS):
        logger.info(what, extra={"trace_ids": ids[start : start + MOST_IDS], **facts})
