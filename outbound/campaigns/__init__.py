"""Campaigns: one text to many people inside a window, drafted, rehearsed, run, paused and measured.

    campaign = drafting.create(name="Plantões de sexta", text="Oi {primeiro_nome}! …", …)
    audience.import_rows(campaign_id=campaign.pk, roster=roster.read(data), …)
    rehearsal.rehearse(campaign_id=campaign.pk, now=now)     # nothing is sent: now, later, never, and why
    control.schedule(campaign_id=campaign.pk, …)             # `ticking.tick` starts it at its time

Its messages go the one way out: enqueued in the outbox in chunks, decided by the guardrails at each claim. A person is
in an audience once and gets one message at most, which the database says (`outbound_messages_once_per_campaign`); so
whoever is killed while feeding is simply followed by the next. A paused campaign's messages wait without a due time,
and what comes back from a request meanwhile is held by the guardrails' own rule.
"""

from __future__ import annotations

from outbound.campaigns.ticking import tick

__all__ = ["tick"]
