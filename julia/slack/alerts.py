"""What Slack is told unasked: incidents and the daily summary with their buttons, and what becomes of bridges.

A worker posts it; where none can be asked, whoever saw the fact does, briefly.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canary import alerts, daily_summary
from canary.alerts import Alert
from canary.daily_summary import NotToldError
from canary.event_types import EventType
from handoff import notices
from handoff.notices import Notice
from julia.slack import blocks, client, deadline, handover, reports

BRIDGE_NEWS = {
    EventType.HANDOFF_CREATED: gettext_lazy("A bridge was opened."),
    EventType.HANDOFF_CONFIRMED: gettext_lazy("A bridge was confirmed: the shift is settled."),
    EventType.HANDOFF_NOT_CONFIRMED: gettext_lazy("A bridge was not confirmed: the shift is open again."),
    EventType.HANDOFF_EXPIRED: gettext_lazy("A bridge expired: the shift is open again."),
    EventType.HANDOFF_MANUAL_REQUIRED: gettext_lazy("A bridge needs a person."),
}
# Who saw the fact may be a worker in the midst of sending.
BY_ITSELF_S = 3.0


def listen() -> None:
    """Hear of everything there is to tell."""
    alerts.on_alert(tell)
    daily_summary.on_summary(post_summary)
    notices.on_notice(tell_of_bridge)


def tell(alert: Alert) -> None:
    """Have an alert posted."""
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
    client.post(text=title, blocks=[block.to_dict() for block in built])


def post_summary(text: str) -> None:
    """Post the daily summary.

    Raises:
        NotToldError: when Slack surely did not post it.
    """
    built = blocks.daily_summary(text, admin_url=reports.admin_url())
    try:
        client.post(text=text, blocks=[block.to_dict() for block in built], raising=True)
    except client.NotPostedError as error:
        raise NotToldError(str(error)) from error


def tell_of_bridge(notice: Notice) -> None:
    """Have it posted what became of a bridge, where that is news to operators."""
    news = BRIDGE_NEWS.get(notice.type)
    if news is None:
        return
    url = reports.admin_url(f"handoff/externalhandoff/{notice.handoff_id}/change/")
    person = _("Somebody has to take care of it.") if notice.needs_person else ""
    text = " ".join(filter(None, [str(news), person, f"<{url}|" + _("Open in the admin") + ">"]))
    if not handover.notice(text=text):
        deadline.at_most(BY_ITSELF_S, lambda: client.post(text=text), otherwise=None)
