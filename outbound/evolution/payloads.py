"""The JSON that goes to the Evolution API, and what is read from its answers (spec/evolution-api.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRecord:
    """A message of ours in the provider's own list."""

    provider_message_id: str
    text: str


def send_text(*, phone: str, text: str) -> dict[str, Any]:
    """Build the body of `sendText`. Links are never previewed: fetching the preview opens a confirmation link."""
    return {"number": phone, "text": text, "linkPreview": False}


def find_messages(*, jid: str, since: datetime, until: datetime, page: int, page_size: int) -> dict[str, Any]:
    """Build the body of `findMessages`: what we sent to one JID; the provider's filter needs both ends of the time."""
    return {
        "where": {
            "key": {"remoteJid": jid, "fromMe": True},
            "messageTimestamp": {"gte": _iso(since), "lte": _iso(until)},
        },
        "page": page,
        "offset": page_size,
    }


def sent_records(body: Any) -> tuple[list[SentRecord], int]:
    """Read one page of `findMessages`: its records, and how many pages there are.

    Raises:
        ValueError: when the answer is not of the known form.
    """
    try:
        messages = body["messages"]
        return list(_records(messages["records"])), int(messages["pages"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not an answer of findMessages") from error


def is_open(body: Any) -> bool:
    """Read `connectionState`: whether it says, in the known form, that the instance is open."""
    instance = body.get("instance") if isinstance(body, Mapping) else None
    return isinstance(instance, Mapping) and instance.get("state") == "open"


def _records(records: list[Mapping[str, Any]]) -> Iterator[SentRecord]:
    for record in records:
        content = record.get("message") or {}
        text = content.get("conversation") or (content.get("extendedTextMessage") or {}).get("text") or ""
        yield SentRecord(provider_message_id=record["key"]["id"], text=text)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
