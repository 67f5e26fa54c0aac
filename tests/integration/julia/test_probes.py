"""`/healthz` and `/readyz`: a worker that was never started is noticed, whatever else looks well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from outbound import heartbeats, jobs
from tests.factories import outbound as make

LONG_AGO = timedelta(minutes=3)


@pytest.fixture
def working(outbox_ready):
    heartbeats.beat(name=heartbeats.WORKER, now=timezone.now())


def test_the_process_says_that_it_lives(client):
    assert client.get("/healthz").status_code == 200


def test_all_is_well_when_a_worker_lives_and_nothing_waits(client, working):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "problems": []})


def test_a_worker_that_was_never_started_is_noticed(client, outbox_ready):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["problems"]) == (503, ["worker_heartbeat"])


def test_a_worker_that_is_gone_is_noticed_within_two_minutes(client, outbox_ready):
    heartbeats.beat(name=heartbeats.WORKER, now=timezone.now() - timedelta(minutes=2))
    make.queued(make.contact(), now=timezone.now() - timedelta(minutes=2))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["problems"]) == (503, ["queue_age", "worker_heartbeat"])


def test_the_periodic_work_is_the_sign_of_life(client, outbox_ready):
    jobs.sweep()

    assert client.get("/readyz").status_code == 200


def test_a_redis_that_is_gone_is_named(client, working, monkeypatch):
    from django_rq import settings as django_rq_settings

    monkeypatch.setitem(django_rq_settings.QUEUES, "dispatch", {"URL": "unix:///nowhere/redis.sock"})

    assert client.get("/readyz").json()["problems"] == ["redis"]


def test_a_database_that_is_gone_is_named_and_nothing_of_how_to_reach_it(client, working, monkeypatch):
    from django.db import connection

    with monkeypatch.context() as patch:
        connection.close()
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")

        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"ready": False, "problems": ["database"]})
    assert client.get("/readyz").status_code == 200, "as soon as it is back"


def test_a_redis_that_does_not_answer_is_named_within_seconds(client, working, monkeypatch):
    import socket
    import time

    from django_rq import settings as django_rq_settings

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setitem(django_rq_settings.QUEUES, "dispatch", {"URL": url})
        started = time.monotonic()

        answer = client.get("/readyz")

    assert answer.json()["problems"] == ["redis"]
    assert time.monotonic() - started < 10


def test_a_missing_migration_is_named(client, working):
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    (last,) = MigrationLoader(connection).graph.leaf_nodes("outbound")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", last)
    try:
        assert client.get("/readyz").json()["problems"] == ["migrations"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", last)
