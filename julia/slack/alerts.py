"""Alerts in Slack: an incident as a message with buttons, posted by a worker; without one, by who saw it, briefly."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from julia.slack import blocks, deadline, handover, reports
from julia.slack.installed import UnavailableError, require

# Who saw the fact may be a worker in the midst of sending.
BY_ITSELF_S = 3.0


def listen() -> None:
    """Hear of every alert there is."""
    try:
        require("canary.alerts").on_alert(tell)
    except UnavailableError:
        return


def tell(alert: Any) -> None:
    """Have an alert (`canary.alerts.Alert`) posted."""
    title = f"{alert.severity} {alert.title}"
    lines = [alert.subject, alert.action]
    if alert.done:
        lines.append(_("Done by itself: {codes}.").format(codes=", ".join(alert.done)))
    text = "\n".join(line for line in lines if line)
    if not handover.alert(title=title, text=text, incident_id=alert.incident_id):
        deadline.at_most(
            BY_ITSELF_S, lambda: post(title=title, text=text, incident_id=alert.incident_id), otherwise=None
        )


def post(*, title: str, text: str, incident_id: int) -> None:
    """Post an alert to the alerts' channel."""
    built = blocks.alert(
        text,
        title=title,
        incident_id=incident_id,
        admin_url=reports.admin_url(f"canary/incident/{incident_id}/change/"),
    )
    require("julia.slack.client").post(text=title, blocks=[block.to_dict() for block in built])
