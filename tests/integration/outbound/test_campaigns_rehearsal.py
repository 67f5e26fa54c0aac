"""A rehearsal sends nothing, and says what guardrails, limits and window would make of everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from canary.models import BusinessEvent, FeatureFlag
from outbound import claims
from outbound.campaigns import rehearsal
from outbound.campaigns.phase_limits import Hindrance
from outbound.campaigns.rehearsal import Rehearsal, Verdict
from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import parse_limits
from outbound.models import Campaign, Contact, OutboundMessage
from tests.factories import campaigns as make_campaign
from tests.factories import outbound as make
from tests.factories.campaigns import crowd

# A Friday, 19:00 in São Paulo: an hour before closing.
FRIDAY = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)


def rehearse(campaign: Campaign, *, now: datetime) -> Rehearsal:
    return rehearsal.rehearse(campaign_id=campaign.pk, now=now)


def lines(found: Rehearsal) -> list[tuple[str, str | None, int]]:
    return [(line.verdict, line.reason, line.count) for line in found.lines]


def test_everybody_is_judged_and_nothing_is_written(outbox_ready, now):
    crowd(3)
    make.contact(name="")
    soon = make.contact(name="Dra. Pessoa", next_allowed_at=now + timedelta(minutes=30))
    make.contact(name="Dra. Pessoa", next_allowed_at=now + timedelta(days=2))
    make.contact(name="Dra. Pessoa", cooling_off_until=now + timedelta(days=1))
    campaign = make_campaign.draft(now=now)
    make.contact()  # comes after the draft, and is in no audience
    before = (OutboundMessage.objects.count(), BusinessEvent.objects.count())

    found = rehearse(campaign, now=now)

    assert found.audience == 7
    assert lines(found) == [
        ("now", None, 3),
        ("later", "next_allowed_at", 1),
        ("never", "cooling_off", 1),
        ("never", "no_name", 1),
        ("never", "window_ended", 1),
    ]
    (later,) = (line for line in found.lines if line.verdict is Verdict.LATER)
    assert later.first_at == soon.next_allowed_at
    assert found.previews == ("Oi Pessoa, plantão no Santa Casa!",) * 3
    assert found.findings == ()
    assert (OutboundMessage.objects.count(), BusinessEvent.objects.count()) == before


def test_the_canary_and_the_switches_hold_until_they_let_go(outbox_ready, now):
    people = crowd(40)
    inside = sum(person.bucket < 30 for person in Contact.objects.filter(pk__in=[one.pk for one in people]))
    campaign = make_campaign.draft(now=now)
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 30})

    found = rehearse(campaign, now=now)

    assert 0 < inside < 40
    assert found.count(Verdict.LATER) == 40 - inside + max(0, inside - 20)
    assert ("later", "outside_canary", 40 - inside) in lines(found)
    FeatureFlag.objects.filter(key="campaigns").update(value={"enabled": False})
    assert lines(rehearse(campaign, now=now)) == [("later", "campaigns_disabled", 40)]


def test_a_numbers_limits_say_when_the_rest_leaves_and_who_does_not_fit_the_window(outbox_ready, settings, now):
    settings.OUTBOUND_RATE_LIMITS = parse_limits("20/hour,100/day")
    crowd(70)
    campaign = make_campaign.draft(now=now, starts_at=now, ends_at=now + timedelta(minutes=150))

    found = rehearse(campaign, now=now)

    assert lines(found) == [("now", None, 20), ("later", "rate_limited", 40), ("never", "window_ended", 10)]
    later = found.lines[1]
    assert (later.first_at, later.last_at) == (now + timedelta(hours=1), now + timedelta(hours=2))
    assert found.ends_at == now + timedelta(hours=2)


def test_what_the_number_sent_before_counts(outbox_ready, settings, sender, now):
    settings.OUTBOUND_RATE_LIMITS = parse_limits("2/hour")
    make.sent_before(make.contact(opted_out_at=now), at=now - timedelta(minutes=30), sender=sender)
    crowd(2)
    campaign = make_campaign.draft(now=now)

    found = rehearse(campaign, now=now)

    assert lines(found) == [("now", None, 1), ("later", "rate_limited", 1)]
    assert found.lines[1].first_at == now + timedelta(minutes=30)


def test_the_pace_spreads_them(outbox_ready, settings, now):
    settings.OUTBOUND_RATE_LIMITS = parse_limits("1000/hour")
    crowd(6)
    campaign = make_campaign.draft(now=now, per_minute=2)

    found = rehearse(campaign, now=now)

    assert lines(found) == [("now", None, 2), ("later", "pace", 4)]
    assert found.ends_at == now + timedelta(seconds=150)


def test_it_is_judged_as_of_the_windows_start_and_by_business_hours(outbox_ready, settings):
    settings.BUSINESS_HOURS = BusinessHours.parse("mon-fri 08:00-20:00")
    crowd(2)
    starts_at = FRIDAY + timedelta(hours=2)
    campaign = make_campaign.draft(now=FRIDAY, starts_at=starts_at, ends_at=starts_at + timedelta(days=3))

    found = rehearse(campaign, now=FRIDAY)

    assert found.at == starts_at
    assert lines(found) == [("later", "quiet_hours", 2)]
    assert found.lines[0].first_at == MONDAY_OPENING


def test_the_phases_limits_are_told(outbox_ready, now):
    crowd(101)
    campaign = make_campaign.draft(now=now)
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 10})

    found = rehearse(campaign, now=now)

    assert found.phase == "A"
    assert [finding.hindrance for finding in found.findings] == [Hindrance.TOO_MANY_RECIPIENTS]


def test_what_is_rehearsed_is_what_happens(outbox_ready, settings, now):
    settings.OUTBOUND_RATE_LIMITS = parse_limits("1000/hour")
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 50})
    crowd(60)
    campaign = make_campaign.running(now=now)
    found = rehearse(campaign, now=now)

    make_campaign.feed(campaign, now=now)

    assert len(claims.take(most=100, now=now).messages) == found.count(Verdict.NOW) > 0
    assert OutboundMessage.objects.filter(reason="outside_canary").count() == found.count(Verdict.LATER) > 0
