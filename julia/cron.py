"""What happens periodically, for `manage.py rqcron julia.cron`: RQ's own scheduler, of which one instance runs."""

from __future__ import annotations

from rq.cron import register

from outbound import jobs

register(jobs.reconcile, queue_name="periodic", interval=jobs.RECONCILE_EVERY_S)
register(jobs.sweep, queue_name="periodic", interval=jobs.SWEEP_EVERY_S)
