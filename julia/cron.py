"""What happens periodically, for `manage.py rqcron julia.cron`: RQ's own scheduler, of which one instance runs.

RQ reads a cron line in the machine's time zone, so what happens at a time of day knows its zone and its day itself.
"""

from __future__ import annotations

from rq.cron import register

from canary import jobs as canary_jobs
from handoff import jobs as handoff_jobs
from julia.slack import jobs as slack_jobs
from outbound import jobs

register(jobs.reconcile, queue_name="periodic", interval=jobs.RECONCILE_EVERY_S)
register(jobs.sweep, queue_name="periodic", interval=jobs.SWEEP_EVERY_S)
register(canary_jobs.take_snapshot, queue_name="periodic", interval=canary_jobs.SNAPSHOT_EVERY_S)
register(canary_jobs.tell_summary, queue_name="periodic", interval=canary_jobs.SUMMARY_EVERY_S)
register(slack_jobs.forget, queue_name="periodic", interval=slack_jobs.FORGET_EVERY_S)
register(canary_jobs.watch, queue_name="periodic", interval=canary_jobs.WATCH_EVERY_S)
register(canary_jobs.tally, queue_name="periodic", interval=canary_jobs.TALLY_EVERY_S)
register(handoff_jobs.tick, queue_name="periodic", interval=handoff_jobs.TICK_EVERY_S)
