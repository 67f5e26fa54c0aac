"""`/metrics`: what Prometheus reads, from whatever process, and who may read it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from canary import flags, tallies
from canary.flag_values import FlagKey
from outbound import heartbeats, reconciler
from outbound.models import Sender
from tests.factories import outbound as make


def scrape(client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample there is, as Prometheus reads it."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(samples, name, **labels):
    return samples[name, frozenset(labels.items())]


def test_sends_decisions_and_waits_are_counted(client, dispatcher, sandbox, now):
    ana = make.contact()
    sent = make.queued(ana, now=now)
    make.enqueue(make.message(ana, text=sent.text), now=now)
    make.queued(make.contact(cooling_off_until=now + timedelta(days=1)), now=now)
    make.queued(make.contact(next_allowed_at=now + timedelta(days=1)), now=now)
    dispatcher.drain(seconds=5)

    samples = scrape(client)

    assert value(samples, "julia_sends_total", outcome="sent", method="campaign") == 1
    assert value(samples, "julia_sends_total", outcome="failed", method="campaign") == 0
    assert value(samples, "julia_decisions_total", decision="block", reason="cooling_off") == 1
    assert value(samples, "julia_decisions_total", decision="defer", reason="next_allowed_at") == 1
    assert value(samples, "julia_decisions_total", decision="dedupe", reason="duplicate") == 1
    assert value(samples, "julia_events_total", event_type="outbound_sent") == 1
    assert value(samples, "julia_send_wait_seconds_count", method="campaign") == 1
    assert value(samples, "julia_send_wait_seconds_bucket", method="campaign", le="30.0") == 1
    assert 0 < value(samples, "julia_send_wait_seconds_sum", method="campaign") < 30
    assert value(samples, "julia_queue_messages", state="later", reason="next_allowed_at") == 1


def test_a_send_in_doubt_is_no_decision_and_counts_as_sent_once_it_is_proved(
    client, settings, dispatcher, sandbox, now
):
    settings.EVOLUTION_API_URL = sandbox.url
    sandbox.set_faults(["status500_after:first=1", "no_list"])
    make.queued(make.contact(), now=now, method="manual")
    dispatcher.drain(seconds=5)
    in_doubt = scrape(client)

    sandbox.set_faults([])
    reconciler.reconcile(now=now + timedelta(seconds=1))
    proved = scrape(client)

    assert value(in_doubt, "julia_sends_total", outcome="unknown", method="manual") == 1
    assert value(in_doubt, "julia_sends_total", outcome="sent", method="manual") == 0
    assert value(in_doubt, "julia_queue_messages", state="unknown", reason="provider_error") == 1
    assert value(proved, "julia_sends_total", outcome="unknown", method="manual") == 1
    assert value(proved, "julia_sends_total", outcome="sent", method="manual") == 1
    blocked = [v for (name, labels), v in proved.items() if name == "julia_decisions_total"]
    assert sum(blocked) == 0


def test_counters_survive_their_being_added_up(client, dispatcher, sandbox, now):
    make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=5)
    before = scrape(client)

    tallies.advance(now=now + timedelta(hours=1))

    after = scrape(client)
    counters = [key for key in before if key[0].endswith(("_total", "_bucket", "_count", "_sum"))]
    assert counters
    assert {key: before[key] for key in counters} == {key: after[key] for key in counters}


def test_the_queue_says_why_it_waits_and_how_old_it_is(client, outbox_ready, now):
    make.queued(make.contact(), now=now - timedelta(seconds=90))
    heartbeats.beat(name=heartbeats.WORKER, now=now)

    samples = scrape(client)

    assert value(samples, "julia_queue_messages", state="due", reason="none") == 1
    assert 90 <= value(samples, "julia_queue_age_seconds") < 120
    assert value(samples, "julia_worker_heartbeat_timestamp_seconds") == pytest.approx(now.timestamp())


def test_what_never_was_is_absent_and_no_zero(client, outbox_ready):
    names = {name for name, _labels in scrape(client)}

    assert "julia_slo_value" in names
    assert not names & {"julia_worker_heartbeat_timestamp_seconds", "julia_last_snapshot_timestamp_seconds"}


def test_a_circuit_is_open_then_probing_then_closed(client, sender):
    states = []
    for trips, open_until in ((1, timedelta(minutes=1)), (1, timedelta(minutes=-1)), (0, None)):
        until = timezone.now() + open_until if open_until else None
        Sender.objects.update(circuit_trips=trips, circuit_open_until=until)
        samples = scrape(client)
        states += [
            state
            for state in ("closed", "open", "probing")
            if value(samples, "julia_circuit_state", sender="julia", state=state)
        ]

    assert states == ["open", "probing", "closed"]


def test_a_number_whose_instance_is_its_phone_is_named_by_its_id(client, sender):
    Sender.objects.update(instance="5511987654321")

    answer = client.get("/metrics").content.decode()

    assert "5511987654321" not in answer
    assert f'julia_sender_usable{{sender="{sender.pk}"}} 1.0' in answer


def test_switches_percentage_and_phase_are_as_committed(client, outbox_ready, now):
    samples = scrape(client)
    assert value(samples, "julia_flag", flag="julia") == 1
    assert value(samples, "julia_canary_percent") == 100
    assert value(samples, "julia_phase", phase="D") == 1

    with transaction.atomic():
        flags.switch(key=FlagKey.JULIA, fields={"enabled": False}, actor="ana", reason="teste", now=now)
        flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": 25}, actor="ana", reason="teste", now=now)

    samples = scrape(client)
    assert value(samples, "julia_flag", flag="julia") == 0
    assert value(samples, "julia_canary_percent") == 25
    assert [value(samples, "julia_phase", phase=code) for code in "ABCD"] == [0, 1, 0, 0]


def test_health_comes_with_its_thresholds(client, outbox_ready):
    samples = scrape(client)

    assert value(samples, "julia_slo_limit", slo="provider_error_rate") == 0.01
    assert value(samples, "julia_slo_limit", slo="queue_age") == 120
    assert value(samples, "julia_slo_limit", slo="outbound_to_opted_out") == 0
    assert value(samples, "julia_slo_ok", slo="outbound_to_opted_out") == 1


def test_nothing_is_said_of_persons_and_labels_are_few(client, dispatcher, sandbox, now):
    from canary.personal_data import find_kind

    for _ in range(30):
        make.queued(make.contact(), now=now)
    few = len(scrape(client))
    dispatcher.drain(seconds=5)

    answer = client.get("/metrics").content.decode()

    labels = [key for key in scrape(client) if find_kind(str(dict(key[1])))]
    assert labels == []
    assert "Plantão" not in answer
    assert len(scrape(client)) <= few + 2, "thirty contacts and messages make no new series"
    assert few < 600


def test_a_reason_nobody_knows_makes_no_label_of_its_own(client, outbox_ready, now):
    from canary import events
    from canary.event_types import EventType

    with transaction.atomic():
        events.emit(
            [
                events.Event(
                    type=EventType.OUTBOUND_BLOCKED,
                    at=now,
                    source="outbound",
                    props={"method": "campaign", "block_reason": f"reason_{number}"},
                )
                for number in range(3)
            ]
        )

    samples = scrape(client)

    assert value(samples, "julia_decisions_total", decision="block", reason="other") == 3
    assert ("julia_decisions_total", frozenset({("decision", "block"), ("reason", "reason_1")})) not in samples


def test_without_postgresql_it_answers_and_says_so(client, outbox_ready, monkeypatch):
    from django.db import connection

    with monkeypatch.context() as patch:
        connection.close()
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")

        samples = scrape(client)

    assert value(samples, "julia_dependency_up", dependency="postgresql") == 0
    assert value(samples, "julia_dependency_up", dependency="redis") == 1
    assert value(samples, "julia_part_up", part="queue") == 0
    assert "julia_queue_age_seconds" not in {name for name, _labels in samples}
    assert value(scrape(client), "julia_dependency_up", dependency="postgresql") == 1


def test_without_redis_it_answers_and_says_so(client, outbox_ready, monkeypatch):
    from django_rq import settings as django_rq_settings

    monkeypatch.setitem(django_rq_settings.QUEUES, "dispatch", {"URL": "unix:///nowhere/redis.sock"})

    samples = scrape(client)

    assert value(samples, "julia_dependency_up", dependency="redis") == 0
    assert value(samples, "julia_dependency_up", dependency="postgresql") == 1
    assert value(samples, "julia_part_up", part="queue") == 1


def test_a_part_that_takes_too_long_leaves_the_others_alone(client, outbox_ready, monkeypatch):
    from django.db import connection
    from django.utils.translation import gettext_lazy as _

    from canary import metrics
    from canary.metrics import Metric, none_allowed
    from canary.models import Severity

    def read(_window):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(5)")
        return none_allowed(0)

    slow = Metric(name="slow", threshold="= 0", severity=Severity.P3, action=_("x"), read=read)
    monkeypatch.setattr(metrics, "registered", lambda: [slow])

    samples = scrape(client)

    assert value(samples, "julia_part_up", part="health") == 0
    assert value(samples, "julia_part_up", part="rollout") == 1
    assert value(samples, "julia_dependency_up", dependency="postgresql") == 1


def test_openmetrics_is_answered_to_who_asks_for_it(client, outbox_ready):
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")


# --- Who may read it --------------------------------------------------------------------------------------------------


@pytest.fixture
def production(settings, outbox_ready):
    settings.IN_PRODUCTION = True
    return settings


def status(client, *, peer="203.0.113.7", **headers) -> int:
    return int(client.get("/metrics", headers=headers, REMOTE_ADDR=peer).status_code)


def test_in_production_nobody_reads_it_before_something_is_configured(client, production):
    assert status(client, Authorization="Bearer ") == 401
    assert status(client, peer="127.0.0.1") == 401

    production.METRICS_TOKEN = "s3cret"

    assert status(client, Authorization="Bearer s3cret") == 200


@pytest.mark.parametrize(
    "given", ["Bearer wrong", "Bearer ", "s3cret", "Basic s3cret", "Bearer s3cret2", "Bearer \udc80"]
)
def test_a_wrong_token_reads_nothing(client, production, given):
    production.METRICS_TOKEN = "s3cret"

    answer = client.get("/metrics", HTTP_AUTHORIZATION=given)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"julia_" not in answer.content


def test_an_address_reads_it_from_the_network_that_may(client, production):
    from ipaddress import ip_network

    production.METRICS_ALLOWED_ADDRESSES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::7/128"))

    assert status(client, peer="10.1.2.3") == 200
    assert status(client, peer="2001:db8::7") == 200
    assert status(client, peer="2001:db8::8") == 401
    assert status(client, peer="203.0.113.7") == 401


def test_an_address_is_our_proxys_word_and_never_the_clients(client, production):
    from ipaddress import ip_network

    production.METRICS_ALLOWED_ADDRESSES = (ip_network("10.0.0.0/8"),)
    production.TRUSTED_PROXY_COUNT = 1

    assert status(client, peer="10.0.0.1", **{"X-Forwarded-For": "203.0.113.7, 10.9.9.9"}) == 200
    assert status(client, peer="10.0.0.1", **{"X-Forwarded-For": "10.9.9.9, 203.0.113.7"}) == 401
    assert status(client, peer="10.0.0.1", **{"X-Forwarded-For": "garbage"}) == 401
    assert status(client, peer="10.0.0.1") == 200, "asked from inside, past the proxy"

    production.TRUSTED_PROXY_COUNT = 0

    assert status(client, peer="10.0.0.1", **{"X-Forwarded-For": "10.9.9.9"}) == 401, "forwarded by nobody we know"


def test_token_or_address_is_enough(client, production):
    from ipaddress import ip_network

    production.METRICS_TOKEN = "s3cret"
    production.METRICS_ALLOWED_ADDRESSES = (ip_network("10.0.0.0/8"),)

    assert status(client, peer="10.0.0.1") == 200
    assert status(client, Authorization="Bearer s3cret") == 200
    assert status(client) == 401
