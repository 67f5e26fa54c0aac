from __future__ import annotations

from django.db import models
from django.db.models import Q


class EventTally(models.Model):
    """How many events of one sort there were before `TallyProgress.counted_until`, since the record began.

    `le` is the upper bound, in seconds and included, of the class of waits that these fall in (infinity for the last),
    and 0 for events that tell of no wait; `waited_ms` is the sum of their waits, whole so that adding loses nothing.
    """

    event_type = models.TextField()
    method = models.TextField(default="")
    reason = models.TextField(default="")
    outcome = models.TextField(default="")
    le = models.FloatField(default=0)
    total = models.BigIntegerField()
    waited_ms = models.BigIntegerField(default=0)

    class Meta:
        db_table = "event_tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["event_type", "method", "reason", "outcome", "le"], name="event_tallies_one_per_sort"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.method} {self.reason}: {self.total}"


class TallyProgress(models.Model):
    """Up to when, not included, events are in the tallies; its one row is the lock of whoever counts on."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField()

    class Meta:
        db_table = "event_tally_progress"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="event_tally_progress_one_row")]

    def __str__(self) -> str:
        return self.counted_until.isoformat()
