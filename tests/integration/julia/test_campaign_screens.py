"""Campaigns in the admin: drafted, filled, rehearsed, run and watched, each change a question with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from julia.access import Level
from outbound.models import Campaign, CampaignRecipient, OutboundMessage
from tests.factories import campaigns as make_campaign
from tests.factories import outbound as make
from tests.factories import people
from tests.integration.julia.test_panel import text


@pytest.fixture
def ana(outbox_ready: None) -> Client:
    return people.browser(Level.OPERATOR, name="ana")


def page(client: Client, action: str, campaign: Campaign) -> Any:
    return client.get(reverse(f"admin:outbound_campaign_{action}", args=[campaign.pk]))


def change(client: Client, action: str, campaign: Campaign, **data: Any) -> str:
    url = reverse(f"admin:outbound_campaign_{action}", args=[campaign.pk])
    return text(client.post(url, {"reason": "pedido da coordenação", **data}, follow=True))


def form(now: datetime, **changes: Any) -> dict[str, Any]:
    local = timezone.localtime(now)
    return {
        "name": "Sexta",
        "text": "Oi {primeiro_nome}, {hospital}!",
        "variables": "hospital=Santa Casa",
        "starts_at": f"{local:%Y-%m-%dT%H:%M}",
        "ends_at": f"{local + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "reason": "plantões",
        **changes,
    }


def test_a_campaign_is_drafted_filled_rehearsed_and_run(ana: Client, now: datetime) -> None:
    new = reverse("admin:outbound_campaign_draft")

    wrong = text(ana.post(new, form(now, text="Oi {apelido}!")))
    assert "Variáveis desconhecidas: {apelido}" in wrong
    assert not Campaign.objects.exists()
    ana.post(new, form(now))
    campaign = Campaign.objects.get()
    assert (campaign.owner, campaign.variables) == ("ana", {"hospital": "Santa Casa"})

    file = SimpleUploadedFile("medicos.csv", b"telefone;nome\n11987654321;Dra. Ana\n123;Ze\n")
    assert "linha 3: nenhum telefone tem esse número" in change(ana, "add_file", campaign, file=file)
    make.contact(name="Dr. Caio")
    change(ana, "add_found", campaign)
    assert CampaignRecipient.objects.filter(campaign=campaign).count() == 2

    rehearsed = text(page(ana, "rehearse", campaign))
    assert "Oi Ana, Santa Casa!" in rehearsed
    assert not OutboundMessage.objects.exists()

    change(ana, "start", campaign)
    make_campaign.feed(campaign)
    looked = page(ana, "look", campaign)
    assert looked["Refresh"] == "3"
    assert "Santa Casa" not in text(looked)
    change(ana, "pause", campaign)
    assert set(OutboundMessage.objects.values_list("reason", flat=True)) == {"campaign_paused"}
    assert "campanha pausada" in text(page(ana, "look", campaign))
    change(ana, "cancel", campaign)
    assert "Refresh" not in page(ana, "look", campaign)
    event = make.events("campaign_cancelled")[0]
    assert (event.event_props["actor_id"], event.event_props["reason"]) == ("ana", "pedido da coordenação")


def test_only_what_can_be_done_is_offered_and_a_refusal_is_told(ana: Client, now: datetime) -> None:
    campaign = make_campaign.draft(now=now)
    record = reverse("admin:outbound_campaign_change", args=[campaign.pk])

    offered = ana.get(record).content.decode()

    assert reverse("admin:outbound_campaign_schedule", args=[campaign.pk]) in offered
    assert reverse("admin:outbound_campaign_pause", args=[campaign.pk]) not in offered
    assert "Ninguém está no público" in change(ana, "schedule", campaign)
    assert "a campanha está rascunho" in change(ana, "pause", campaign)
    assert Campaign.objects.get().state == "draft"


@pytest.mark.parametrize("action", ["schedule", "start", "pause", "resume", "cancel", "add_file", "add_found"])
def test_a_viewer_looks_and_changes_nothing(action: str, outbox_ready: None, now: datetime) -> None:
    campaign = make_campaign.draft(make.contact(), now=now)
    viewer = people.browser(Level.VIEWER)

    assert [page(viewer, name, campaign).status_code for name in ("look", "rehearse")] == [200, 200]
    url = reverse(f"admin:outbound_campaign_{action}", args=[campaign.pk])
    assert viewer.post(url, {"reason": "x"}).status_code == 403
    assert viewer.post(reverse("admin:outbound_campaign_draft"), form(now)).status_code == 403
    assert Campaign.objects.get().state == "draft"
