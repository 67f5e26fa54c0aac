"""The tables of the one way out."""

from __future__ import annotations

from outbound.models.campaign import Campaign, CampaignRecipient
from outbound.models.contact import Contact
from outbound.models.conversation import Conversation, Interaction
from outbound.models.evidence import Heartbeat, ProviderMessage
from outbound.models.message import OutboundMessage
from outbound.models.sender import Sender
from outbound.models.suppression import Suppression

__all__ = [
    "Campaign",
    "CampaignRecipient",
    "Contact",
    "Conversation",
    "Heartbeat",
    "Interaction",
    "OutboundMessage",
    "ProviderMessage",
    "Sender",
    "Suppression",
]
