"""Campaigns in the database: audiences, moves, feeding, pausing and cancelling, each with who and why."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from canary.models import FeatureFlag
from outbound import claims, erasure, outbox
from outbound.campaigns import audience, control, drafting, results, roster, tick
from outbound.campaigns.audience import Filters, NotDraftError
from outbound.campaigns.drafting import DraftError
from outbound.campaigns.phase_limits import Hindrance
from outbound.campaigns.readiness import NotReadyError
from outbound.campaigns.roster import BadRow, RowProblem
from outbound.campaigns.states import ImpossibleMoveError
from outbound.campaigns.texts import LeftOut, TextError
from outbound.methods import CampaignState, ContactKind
from outbound.models import Campaign, CampaignRecipient, Contact, OutboundMessage
from tests.factories import campaigns as make_campaign
from tests.factories import outbound as make
from tests.factories.campaigns import WHO, crowd


def state(campaign: Campaign) -> str:
    return Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk)


def rows(campaign: Campaign) -> Counter[tuple[str, str | None]]:
    return Counter(OutboundMessage.objects.filter(campaign=campaign).values_list("status", "reason"))


def left_out(campaign: Campaign) -> list[str]:
    found = CampaignRecipient.objects.filter(campaign=campaign).exclude(left_out="")
    return sorted(found.values_list("left_out", flat=True))


def test_a_file_adds_each_person_once_and_reports_every_other_line(outbox_ready, now):
    out = make.contact(phone="5511911112222", opted_out_at=now)
    known = make.contact(phone="5511933334444", name="Bia")
    campaign = make_campaign.draft(known, now=now)
    data = (
        "telefone;nome\n(11) 98765-4321;Ana\n11 98765 4321;Ana de novo\n123;Zé\n;Sem\n"
        "11 91111-2222;Saiu\n11 93333-4444;Já está\n"
    )

    added = audience.import_rows(campaign_id=campaign.pk, people=roster.read(data), now=now, **WHO)

    assert added.added == 1
    assert added.bad == (
        BadRow(line=3, problem=RowProblem.REPEATED, of=2),
        BadRow(line=4, problem=RowProblem.IMPOSSIBLE_PHONE),
        BadRow(line=5, problem=RowProblem.NO_PHONE),
        BadRow(line=6, problem=RowProblem.OPTED_OUT),
        BadRow(line=7, problem=RowProblem.IN_AUDIENCE),
    )
    out.refresh_from_db()
    assert out.opted_out_at == now
    assert Contact.objects.get(phone="5511987654321").name == "Ana"
    event = make.events("campaign_audience_changed", campaign_id=str(campaign.pk))[-1]
    assert (event.event_props["added"], event.event_props["refused"]) == (1, 5)


def test_filters_find_who_fits_and_never_who_opted_out(outbox_ready, now, sender):
    doctor = make.contact(phone="5511911112222")
    recruiter = make.contact(phone="5511911112223", kind=ContactKind.DIVULGADOR)
    elsewhere = make.contact(phone="5521911112222")
    make.contact(phone="5511911112224", opted_out_at=now)
    written_to = make.contact(phone="5511911112225")
    make.sent_before(written_to, at=now - timedelta(days=2), sender=sender)

    def found(**filters):
        return set(audience.find(Filters(**filters), now=now))

    assert found() == {doctor, recruiter, elsewhere, written_to}
    assert found(kind=ContactKind.DIVULGADOR) == {recruiter}
    assert found(area_codes=("21",)) == {elsewhere}
    assert found(area_codes=("21", "11")) == found()
    assert found(quiet_days=3) == {doctor, recruiter, elsewhere}
    assert found(quiet_days=1) == found()
    assert len(found(most=2)) == 2
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 0})
    assert found(only_canary=True) == set()


def test_an_erased_person_that_a_file_brings_back_is_in_no_audience(outbox_ready, now):
    ana = make.contact(phone="5511987654321")
    campaign = make_campaign.draft(ana, now=now)
    erasure.erase(phone="5511987654321", actor="ana", reason="pedido", now=now)
    assert not CampaignRecipient.objects.exists()

    people = roster.read("telefone,nome\n11987654321,Ana\n")
    added = audience.import_rows(campaign_id=campaign.pk, people=people, now=now, **WHO)

    assert (added.added, [row.problem for row in added.bad]) == (0, [RowProblem.OPTED_OUT])


def test_mistakes_are_told_before_anything_exists(outbox_ready, now):
    make_campaign.draft(make.contact(), now=now, name="Sexta")

    with pytest.raises(TextError):
        make_campaign.draft(now=now, text="Oi {apelido}")
    with pytest.raises(DraftError, match="end_before_start"):
        make_campaign.draft(now=now, ends_at=now - timedelta(hours=2))
    with pytest.raises(DraftError, match="bad_pace"):
        make_campaign.draft(now=now, per_minute=0)
    with pytest.raises(DraftError, match="name_taken"):
        make_campaign.draft(now=now, name="Sexta")
    with pytest.raises(ValueError, match="actor"):
        drafting.create(
            name="x", text="x", variables={}, starts_at=now, ends_at=now + timedelta(1), actor="", reason="x", now=now
        )
    assert Campaign.objects.count() == 1


def test_the_database_itself_refuses_an_end_before_the_start(outbox_ready, now):
    campaign = make_campaign.draft(make.contact(), now=now)

    with pytest.raises(IntegrityError, match="campaigns_end_after_they_start"):
        Campaign.objects.filter(pk=campaign.pk).update(ends_at=campaign.starts_at)


def test_an_empty_audience_or_a_window_that_is_over_is_not_scheduled(outbox_ready, now):
    empty = make_campaign.draft(now=now)
    over = make_campaign.draft(
        make.contact(), now=now, starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1)
    )
    good = make_campaign.draft(now=now)

    for campaign, hindrance in ((empty, Hindrance.EMPTY_AUDIENCE), (over, Hindrance.WINDOW_OVER)):
        with pytest.raises(NotReadyError) as refused:
            control.schedule(campaign_id=campaign.pk, now=now, **WHO)
        assert [finding.hindrance for finding in refused.value.findings] == [hindrance]
        assert state(campaign) == CampaignState.DRAFT
    assert control.schedule(campaign_id=good.pk, now=now, **WHO).state == CampaignState.SCHEDULED


def test_phase_a_refuses_many_people_and_long_windows_and_a_later_phase_takes_them(outbox_ready, now):
    crowd(101)
    campaign = make_campaign.draft(now=now, ends_at=now + timedelta(hours=3))
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 10})

    with pytest.raises(NotReadyError) as refused:
        control.schedule(campaign_id=campaign.pk, now=now, **WHO)

    assert [(one.hindrance, one.has, one.most) for one in refused.value.findings] == [
        (Hindrance.TOO_MANY_RECIPIENTS, 101, 100),
        (Hindrance.WINDOW_TOO_LONG, 181, 120),
    ]
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 25})
    assert control.schedule(campaign_id=campaign.pk, now=now, **WHO).state == CampaignState.SCHEDULED


def test_a_campaign_goes_through_its_states_and_each_change_says_who_and_why(outbox_ready, now):
    campaign = make_campaign.draft(make.contact(), now=now)

    for act, expected in (
        (control.schedule, "scheduled"),
        (control.start, "running"),
        (control.pause, "paused"),
        (control.resume, "running"),
        (control.cancel, "cancelled"),
    ):
        assert act(campaign_id=campaign.pk, now=now, **WHO).state == expected
        assert state(campaign) == expected

    with pytest.raises(ImpossibleMoveError):
        control.resume(campaign_id=campaign.pk, now=now, **WHO)
    with pytest.raises(NotDraftError):
        audience.add_found(campaign_id=campaign.pk, filters=Filters(), now=now, **WHO)
    for type_ in ("created", "scheduled", "started", "paused", "resumed", "cancelled"):
        (event,) = make.events(f"campaign_{type_}")
        assert {key: event.event_props[key] for key in WHO_PROPS} == {
            "campaign_id": str(campaign.pk),
            "actor_id": "ana",
            "reason": "plantões de sexta",
        }


WHO_PROPS = ("campaign_id", "actor_id", "reason")


def test_a_change_without_a_reason_or_with_a_phone_in_it_changes_nothing(outbox_ready, now):
    campaign = make_campaign.running(make.contact(), now=now)

    for reason in ("  ", "liga 11 98765-4321"):
        with pytest.raises(ValueError):  # noqa: PT011 - PersonalDataError is one
            control.pause(campaign_id=campaign.pk, actor="ana", reason=reason, now=now)

    assert state(campaign) == CampaignState.RUNNING


def test_feeding_writes_to_everybody_once_with_their_name(outbox_ready, now):
    crowd(1203)
    campaign = make_campaign.running(now=now)

    fed = make_campaign.feed(campaign, now=now)
    again = make_campaign.feed(campaign, now=now)

    assert (fed.looked_at, fed.enqueued, again.looked_at) == (1203, 1203, 0)
    texts = set(OutboundMessage.objects.values_list("text", flat=True))
    assert texts == {"Oi Pessoa, plantão no Santa Casa!"}
    assert set(OutboundMessage.objects.values_list("expires_at", flat=True)) == {campaign.ends_at}


def test_the_same_person_gets_one_message_of_a_campaign_whoever_feeds_it(outbox_ready, now):
    ana = make.contact()
    campaign = make_campaign.running(ana, now=now)
    make_campaign.feed(campaign, now=now)
    OutboundMessage.objects.update(status="failed")
    CampaignRecipient.objects.update(fed_at=None)

    assert make_campaign.feed(campaign, now=now + timedelta(minutes=5)).enqueued == 0
    assert left_out(campaign) == [LeftOut.DUPLICATE]
    assert OutboundMessage.objects.filter(contact=ana).count() == 1


def test_the_same_campaign_under_another_name_leaves_out_who_has_it_already(outbox_ready, now):
    ana, bia = make.contact(), make.contact()
    first = make_campaign.running(ana, now=now)
    make_campaign.feed(first, now=now)
    later = now + timedelta(minutes=50)
    second = make_campaign.running(ana, bia, now=later, starts_at=later, ends_at=later + timedelta(hours=1))

    assert make_campaign.feed(second, now=later).enqueued == 1
    assert left_out(second) == [LeftOut.ALREADY_RECEIVED]
    assert list(OutboundMessage.objects.filter(campaign=second).values_list("contact", flat=True)) == [bia.pk]


def test_who_has_no_name_is_left_out_of_a_text_that_calls_by_name(outbox_ready, now):
    campaign = make_campaign.running(make.contact(name=""), make.contact(name="Dra. Eva"), now=now)

    assert make_campaign.feed(campaign, now=now).enqueued == 1
    assert left_out(campaign) == [LeftOut.NO_NAME]


def test_the_pace_lets_so_many_out_a_minute_and_makes_nothing_up(outbox_ready, now):
    crowd(30)
    campaign = make_campaign.running(now=now, per_minute=10)

    fed = [make_campaign.feed(campaign, now=now + timedelta(seconds=s)).enqueued for s in (0, 30, 33, 36, 600)]

    assert fed == [0, 5, 0, 1, 10]


def test_a_chunk_that_fails_leaves_nothing_half_done(outbox_ready, now, monkeypatch):
    crowd(10)
    campaign = make_campaign.running(now=now)
    real = outbox.enqueue_many

    def fails_after(messages, *, now):
        real(messages, now=now)
        raise KeyboardInterrupt

    monkeypatch.setattr(outbox, "enqueue_many", fails_after)
    with pytest.raises(KeyboardInterrupt):
        make_campaign.feed(campaign, now=now)
    monkeypatch.undo()

    assert not OutboundMessage.objects.exists()
    assert make_campaign.feed(campaign, now=now).enqueued == 10


def test_pausing_holds_what_waits_whatever_it_waits_for_and_resuming_lets_it_go(outbox_ready, now):
    crowd(4)
    campaign = make_campaign.running(now=now)
    make_campaign.feed(campaign, now=now)
    other = make.queued(make.contact(), now=now)
    first, second = OutboundMessage.objects.filter(campaign=campaign)[:2]
    OutboundMessage.objects.filter(pk=first.pk).update(due_at=None, reason="outside_canary")
    OutboundMessage.objects.filter(pk=second.pk).update(due_at=now + timedelta(hours=1), reason="rate_limited")

    paused = control.pause(campaign_id=campaign.pk, now=now, **WHO)

    assert (paused.moved, paused.in_flight) == (4, 0)
    assert rows(campaign) == {("queued", "campaign_paused"): 4}
    assert [one.id for one in claims.take(most=50, now=now).messages] == [other.pk]
    resumed = control.resume(campaign_id=campaign.pk, now=now, **WHO)
    assert resumed.moved == 4
    assert len(claims.take(most=50, now=now).messages) == 4


def test_what_comes_back_to_the_queue_of_a_paused_campaign_stays(outbox_ready, now):
    campaign = make_campaign.running(make.contact(), now=now)
    make_campaign.feed(campaign, now=now)
    (claimed,) = claims.take(most=1, now=now).messages
    paused = control.pause(campaign_id=campaign.pk, now=now, **WHO)
    assert (paused.moved, paused.in_flight) == (0, 1)

    # Before its request is made again, and after it came back.
    assert claims.recheck(claim_id=claimed.claim_id, ids=[claimed.id], now=now) == []
    assert rows(campaign) == {("queued", "campaign_paused"): 1}
    OutboundMessage.objects.update(due_at=now, reason="provider_error")
    assert claims.take(most=1, now=now).messages == []
    assert rows(campaign) == {("queued", "campaign_paused"): 1}


def test_the_periodic_look_lets_go_what_a_late_claim_put_back(outbox_ready, now):
    campaign = make_campaign.running(make.contact(), now=now)
    make_campaign.feed(campaign, now=now)
    OutboundMessage.objects.update(due_at=None, reason="campaign_paused")

    tick(clock=lambda: now)

    assert OutboundMessage.objects.get().due_at == now


def test_cancelling_takes_back_what_has_not_left(outbox_ready, now):
    crowd(600)
    campaign = make_campaign.running(now=now, per_minute=60)
    make_campaign.feed(campaign, now=now + timedelta(seconds=3))
    (claimed,) = claims.take(most=1, now=now + timedelta(seconds=3)).messages

    report = control.cancel(campaign_id=campaign.pk, now=now + timedelta(seconds=4), **WHO)

    assert (report.moved, report.in_flight) == (2, 1)
    assert rows(campaign) == {("blocked", "campaign_cancelled"): 2, ("sending", None): 1}
    assert Counter(left_out(campaign)) == {"campaign_cancelled": 597}
    assert claims.recheck(claim_id=claimed.claim_id, ids=[claimed.id], now=now + timedelta(seconds=5)) == []
    assert len(make.events("outbound_blocked", block_reason="campaign_cancelled")) == 2


def test_the_periodic_look_starts_feeds_and_ends_a_campaign_at_its_times(outbox_ready, now):
    starts_at, ends_at = now + timedelta(hours=1), now + timedelta(hours=2)
    crowd(3)
    campaign = make_campaign.draft(now=now, starts_at=starts_at, ends_at=ends_at)
    control.schedule(campaign_id=campaign.pk, now=now, **WHO)

    tick(clock=lambda: starts_at - timedelta(seconds=1))
    assert (state(campaign), rows(campaign)) == ("scheduled", {})
    tick(clock=lambda: starts_at)
    assert (state(campaign), rows(campaign)) == ("running", {("queued", None): 3})
    tick(clock=lambda: ends_at)
    assert state(campaign) == "done"
    (event,) = make.events("campaign_finished")
    assert (event.event_props["actor_id"], event.event_props["reason"]) == ("system", "window ended")
    # What waits expires when it is claimed after all.
    assert claims.take(most=10, now=ends_at).messages == []
    assert rows(campaign) == {("failed", "expired"): 3}


def test_a_campaign_ends_when_nothing_of_it_waits(outbox_ready, now):
    campaign = make_campaign.running(make.contact(), now=now)
    tick(clock=lambda: now)
    assert state(campaign) == "running"
    OutboundMessage.objects.update(status="sent", sent_at=now)

    tick(clock=lambda: now)

    assert state(campaign) == "done"


def test_a_rollback_to_phase_a_pauses_a_large_campaign_that_runs_and_one_that_would_start(outbox_ready, now):
    crowd(101)
    running, waiting = make_campaign.running(now=now), make_campaign.draft(now=now, text="Outra")
    control.schedule(campaign_id=waiting.pk, now=now, **WHO)
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 10})

    tick(clock=lambda: now)

    assert (state(running), state(waiting)) == ("paused", "paused")
    reasons = {event.event_props["reason"] for event in make.events("campaign_paused")}
    assert reasons == {"phase limits: too_many_recipients"}
    with pytest.raises(NotReadyError):
        control.resume(campaign_id=running.pk, now=now, **WHO)


def test_results_count_outcomes_hours_and_the_answers_that_are_this_campaigns(outbox_ready, now, sender):
    people = crowd(4)
    campaign = make_campaign.running(now=now)
    make_campaign.feed(campaign, now=now)
    mine = OutboundMessage.objects.filter(campaign=campaign)
    mine.update(status="sent", sent_at=now, attempted_at=now)
    mine.filter(contact=people[3]).update(status="blocked", reason="opted_out", sent_at=None)
    make.inbound(people[0], at=now + timedelta(minutes=5))
    make.inbound(people[0], at=now + timedelta(minutes=6))
    make.inbound(people[1], at=now + timedelta(days=4))
    other = make_campaign.running(people[2], now=now, text="Outra")
    make_campaign.feed(other, now=now)
    OutboundMessage.objects.filter(campaign=other).update(
        status="sent", sent_at=now + timedelta(minutes=1), attempted_at=now + timedelta(minutes=1)
    )
    make.inbound(people[2], at=now + timedelta(minutes=2))

    found, others = results.results(campaign.pk), results.results(other.pk)

    assert (found.replies, others.replies) == (1, 1)
    assert found.progress.statuses == {"sent": 3, "blocked": 1}
    assert found.progress.reasons == {("blocked", "opted_out"): 1}
    assert found.sent_by_hour == {now.replace(minute=0, second=0, microsecond=0): 3}
    assert (found.progress.audience, found.progress.settled, found.opted_out) == (4, 4, 0)


def test_a_messages_campaign_and_its_unique_pair_stand_in_the_database(outbox_ready, now):
    ana = make.contact()
    campaign = make_campaign.running(ana, now=now)
    make_campaign.feed(campaign, now=now)
    twin = make.queued(ana, now=now, text="Outra coisa")

    with pytest.raises(IntegrityError, match="once_per_campaign"), transaction.atomic():
        OutboundMessage.objects.filter(pk=twin.pk).update(campaign=campaign)
