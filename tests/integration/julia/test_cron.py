"""What cron starts: each job on the queue that every worker takes first."""

from __future__ import annotations

from outbound.management.commands.rqcron import Scheduler


def test_everything_periodic_is_scheduled(outbox_ready):
    scheduler = Scheduler()

    scheduler.load_config_from_file("julia.cron")

    jobs = {job.func_name: job.interval for job in scheduler.get_jobs()}
    assert {job.queue_name for job in scheduler.get_jobs()} == {"periodic"}
    assert jobs["outbound.jobs.sweep"] == 5
    assert jobs["outbound.jobs.reconcile"] == 5
    assert jobs["canary.jobs.take_snapshot"] == 60
    assert jobs["canary.jobs.tell_summary"] == 60
    assert jobs["canary.jobs.tally"] == 60
