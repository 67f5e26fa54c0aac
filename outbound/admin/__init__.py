"""The screens of the one way out: whom we write to, what became of each message, and through which numbers."""

from __future__ import annotations

from outbound.admin.campaigns import CampaignAdmin
from outbound.admin.contacts import ContactAdmin
from outbound.admin.messages import OutboundMessageAdmin
from outbound.admin.senders import SenderAdmin

__all__ = ["CampaignAdmin", "ContactAdmin", "OutboundMessageAdmin", "SenderAdmin"]
