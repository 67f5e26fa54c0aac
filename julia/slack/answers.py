"""What the console answers, before it is anybody's JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from slack_sdk.models.blocks import Block, MarkdownTextObject, SectionBlock

# Slack's own limits for a section's text and for a message's.
LONGEST_SECTION = 3000


class Audience(StrEnum):
    """Who reads it, in Slack's words: who asked, or the channel."""

    ASKER = "ephemeral"
    CHANNEL = "in_channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One message. `text` is what notifications show, and all there is when there are no blocks.

    `replaces` puts it in the place of the message whose button was pressed; `is_watched` asks for another message once
    the sends that are in flight have ended.
    """

    text: str
    blocks: Sequence[Block] = ()
    audience: Audience = Audience.ASKER
    replaces: bool = False
    is_watched: bool = False

    def with_more(self, text: str) -> Self:
        """The same with another sentence."""
        more = [*self.blocks, section(text)] if self.blocks else ()
        return replace(self, text=f"{self.text}\n{text}", blocks=more)

    def as_message(self) -> dict[str, Any]:
        """The JSON of a slash command's answer or a `response_url`."""
        blocks = self.blocks or [section(self.text)]
        return {
            "response_type": self.audience.value,
            "replace_original": self.replaces,
            "text": self.text,
            "blocks": [block.to_dict() for block in blocks],
        }


def section(text: str) -> SectionBlock:
    """A paragraph in Slack's markup, cut where Slack would refuse it."""
    return SectionBlock(text=MarkdownTextObject(text=text[:LONGEST_SECTION], verbatim=True))


def escape(text: str) -> str:
    """Take the meaning from what somebody typed: no mention, no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
