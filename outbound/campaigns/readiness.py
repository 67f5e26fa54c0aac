"""Whether a campaign may be scheduled or run: its audience, its window, and what the phase we are in allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from canary import flags, phases
from outbound.campaigns import phase_limits
from outbound.campaigns.phase_limits import Finding, Hindrance
from outbound.models import Campaign, CampaignRecipient


class NotReadyError(Exception):
    """The campaign may not be scheduled or run; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(finding.hindrance for finding in findings))
        self.findings = findings


def findings(campaign: Campaign, *, now: datetime) -> list[Finding]:
    """What stands against scheduling it now, by the phase as it is now."""
    found = against_phase(campaign)
    if campaign.ends_at <= now:
        found.append(Finding(hindrance=Hindrance.WINDOW_OVER))
    return found


def against_phase(campaign: Campaign) -> list[Finding]:
    """What the phase has against it, whatever the hour."""
    return phase_limits.check(
        recipients=CampaignRecipient.objects.filter(campaign=campaign).count(),
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        limits=phases.limits_at(flags.read().canary_pct),
    )


def require(campaign: Campaign, *, to_run: bool, now: datetime) -> None:
    """Refuse a campaign that may not be scheduled or, `to_run`, not run at this moment.

    Raises:
        NotReadyError: saying everything that stands against it.
    """
    found = findings(campaign, now=now)
    if to_run and now < campaign.starts_at:
        found.append(Finding(hindrance=Hindrance.WINDOW_NOT_OPEN))
    if found:
        raise NotReadyError(found)
