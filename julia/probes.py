"""What the platform asks: whether the process lives, and whether the whole can do its work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from canary import metrics
from canary.metrics import Window
from julia import redis_sign

# What says that messages are due and nothing drains them.
DEAD_MANS_SWITCH = frozenset({"queue_age", "worker_heartbeat"})


@require_safe
def alive(_request: HttpRequest) -> JsonResponse:
    """Answer that this process serves requests."""
    return JsonResponse({"alive": True})


@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when messages can be taken in and sent, 503 with the names of what is wrong otherwise."""
    problems = list(_problems())
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def _problems() -> Iterator[str]:
    if not redis_sign.answers():
        yield "redis"
    try:
        yield from _database_problems()
    except Error:
        yield "database"


def _database_problems() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "migrations"
        return
    now = timezone.now()  # noqa: TID251 - a request is an entry point
    window = Window(since=now - timedelta(hours=1), until=now)
    watched = [metric for metric in metrics.registered() if metric.name in DEAD_MANS_SWITCH]
    yield from (metric.name for metric in watched if not metric.read(window).is_ok)
