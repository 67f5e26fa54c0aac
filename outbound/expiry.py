"""What was written, by us and to us, is kept for so many days; the rows it stood in stay."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet

from canary.retention import Expiring, register
from outbound.methods import Status
from outbound.models import Interaction, OutboundMessage, ProviderMessage

SETTING = "TEXT_RETENTION_DAYS"
# In pieces: each is a transaction of its own that nobody waits for long.
AT_ONCE = 5000
SETTLED = (Status.SENT, Status.FAILED, Status.BLOCKED)
_QUERIES = Path(__file__).parent / "queries"
TEXTS, INBOUND, DIGESTS = (
    (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("expire_texts", "expire_inbound", "expire_digests")
)


def _old_texts(before: datetime) -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.filter(created_at__lt=before, status__in=SETTLED).exclude(text="")


def _old_inbound(before: datetime) -> QuerySet[Interaction]:
    return Interaction.objects.filter(received_at__lt=before).exclude(text="")


def _old_digests(before: datetime) -> QuerySet[ProviderMessage]:
    return ProviderMessage.objects.filter(told_at__lt=before, text_digest__isnull=False)


def _expire(query: str, before: datetime) -> int:
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, {"before": before, "most": AT_ONCE})
            emptied: int = cursor.rowcount
        total += emptied
        if emptied < AT_ONCE:
            return total


def register_all() -> None:
    """Have texts expire with `manage.py retention`."""
    for name, count, query in (
        ("outbound_messages.text", lambda before: _old_texts(before).count(), TEXTS),
        ("interactions.text", lambda before: _old_inbound(before).count(), INBOUND),
        ("provider_messages.text_digest", lambda before: _old_digests(before).count(), DIGESTS),
    ):
        register(Expiring(name=name, setting=SETTING, count=count, expire=partial(_expire, query)))
