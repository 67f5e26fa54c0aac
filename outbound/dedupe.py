"""What makes two messages the same one: contact, method and what identifies the content.

The go/no-go document's key (Gap C1) also holds the clock hour, which lets a repeat at 10:59 and 11:00 pass. Here the
database refuses two live messages with one key inside a sliding window instead.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from outbound.methods import Method

KEY_HEX_DIGITS = 32


def dedupe_key(
    *, cliente_id: UUID, method: Method, template_ref: str | None, inbound_interaction_id: UUID | None, text: str
) -> UUID:
    """Compute the key: the first 32 hex digits of SHA-256, stored as the 128 bits they are.

    A reply is identified by the inbound message it answers, anything else by its template, or failing that its text.
    """
    if method is Method.REPLY and inbound_interaction_id:
        content = f"inbound:{inbound_interaction_id}"
    elif template_ref:
        content = f"template:{template_ref}"
    else:
        content = f"text:{text}"
    digest = hashlib.sha256(f"{cliente_id}:{method}:{content}".encode()).hexdigest()
    return UUID(hex=digest[:KEY_HEX_DIGITS])
