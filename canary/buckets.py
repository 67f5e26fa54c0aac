"""Which share of the audience a contact belongs to: the go/no-go document's "Canary Logic", for every canary we run."""

from __future__ import annotations

import hashlib
from uuid import UUID

BUCKETS = 100


def bucket(contact_id: UUID | str) -> int:
    """Compute the contact's bucket, 0 to 99; a contact is in when `bucket < pct`.

    The first 4 bytes of the MD5 of the id as text, big-endian, modulo 100: a contact is always in the same bucket, so a
    growing percentage never drops anybody who was in. PostgreSQL computes the same in `contacts.bucket`.
    """
    digest = hashlib.md5(str(contact_id).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big") % BUCKETS
