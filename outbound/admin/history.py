"""What is known of a contact or a message beyond its row: its events, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from canary.cells import as_text, moment
from canary.models import BusinessEvent
from canary.read_only import Related
from outbound.models import OutboundMessage
from outbound.story import CLOCK_SKEW
from outbound.words import METHODS, STATUSES, reason

MOST = 30
# What the other columns, or the record itself, say already.
SAID = frozenset({"message_id", "block_reason", "method"})


def of_contact(contact_id: UUID) -> Related:
    """The latest events of a contact, with a link to all of them."""
    recent = BusinessEvent.objects.filter(cliente_id=contact_id).order_by("-ts")[:MOST]
    everything = f"{reverse('admin:canary_businessevent_changelist')}?cliente_id={contact_id}"
    return _events(_("What happened"), recent, more=everything)


def of_message(message: OutboundMessage) -> Related:
    """All events of a message."""
    # From its beginning: the months before need not be looked through.
    since = message.created_at - CLOCK_SKEW
    theirs = BusinessEvent.objects.filter(cliente_id=message.contact_id, ts__gte=since)
    mine = theirs.filter(event_props__message_id=str(message.pk))
    return _events(_("What happened"), mine.order_by("-ts")[:MOST])


def messages_to(contact_id: UUID) -> Related:
    """The latest messages to a contact, with a link to all of them."""
    recent = OutboundMessage.objects.filter(contact_id=contact_id).order_by("-created_at")[:MOST]
    return Related(
        title=_("Messages"),
        headers=[_("created at"), _("method"), _("status"), _("reason"), _("sent at")],
        rows=[
            (moment(m.created_at), METHODS[m.method], STATUSES[m.status], reason(m.reason), moment(m.sent_at))
            for m in recent
        ],
        more=f"{reverse('admin:outbound_outboundmessage_changelist')}?contact={contact_id}",
    )


def _events(title: str, events: Iterable[BusinessEvent], *, more: str = "") -> Related:
    return Related(
        title=title,
        headers=[_("when"), _("event"), _("method"), _("reason"), _("details")],
        rows=[
            (
                moment(event.ts),
                event.event_type,
                METHODS.get(event.event_props.get("method", ""), ""),
                reason(event.event_props.get("block_reason")),
                as_text({key: value for key, value in event.event_props.items() if key not in SAID}),
            )
            for event in events
        ],
        more=more,
    )
