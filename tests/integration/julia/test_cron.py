"""What cron starts: each job on the queue that every worker takes first."""

from __future__ import annotations

import django_rq

from outbound import wakeup
from outbound.management.commands.rqcron import Scheduler
from tests.factories import outbound as make
from tests.waiting import wait_for


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


def test_what_waits_for_a_worker_is_forgotten_when_others_have_followed_it(outbox_ready):
    scheduler = Scheduler()
    scheduler.load_config_from_file("julia.cron")
    redis = django_rq.get_connection("periodic")

    for periodic in scheduler.get_jobs():
        queued = periodic.enqueue(redis)
        assert 0 < redis.ttl(queued.key) <= 2 * (periodic.interval or 0), periodic.func_name


def test_messages_do_not_wait_for_what_was_not_done_in_a_night_without_workers(
    outbox_ready, now, start_process, sandbox, sender
):
    scheduler = Scheduler()
    scheduler.load_config_from_file("julia.cron")
    redis = django_rq.get_connection("periodic")
    for periodic in scheduler.get_jobs():
        for _ in range(500):
            # The night is over when Redis has forgotten it.
            redis.delete(periodic.enqueue(redis).key)
    make.queued(make.contact(), now=now)
    wakeup.wake()

    start_process("rqworker", "periodic", "dispatch")

    wait_for(sandbox.delivered, seconds=15, what="the message")
