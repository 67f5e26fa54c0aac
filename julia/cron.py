"""What happens periodically, for `manage.py rqcron julia.cron`: RQ's own scheduler, of which one instance runs.

RQ reads a cron line in the machine's time zone, so what happens at a time of day knows its zone and its day itself.
"""

from __future__ import annotations

from collections.abc import Callable

from rq.cron import register

from canary import jobs as canary_jobs
from handoff import jobs as handoff_jobs
from julia.slack import jobs as slack_jobs
from outbound import jobs


def every(seconds: int, call: Callable[[], None]) -> None:
    """Have a worker make this call so often.

    A call that found no worker in twice that time is dropped, since others have followed it: after a night without
    workers, messages do not wait for what should have been done in it.
    """
    register(call, queue_name="periodic", interval=seconds, ttl=2 * seconds, result_ttl=0)


every(jobs.RECONCILE_EVERY_S, jobs.reconcile)
every(jobs.SWEEP_EVERY_S, jobs.sweep)
every(jobs.CAMPAIGNS_EVERY_S, jobs.run_campaigns)
every(canary_jobs.SNAPSHOT_EVERY_S, canary_jobs.take_snapshot)
every(canary_jobs.SUMMARY_EVERY_S, canary_jobs.tell_summary)
every(canary_jobs.WATCH_EVERY_S, canary_jobs.watch)
every(canary_jobs.TALLY_EVERY_S, canary_jobs.tally)
every(slack_jobs.FORGET_EVERY_S, slack_jobs.forget)
every(handoff_jobs.TICK_EVERY_S, handoff_jobs.tick)
