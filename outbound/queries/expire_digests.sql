-- Forgets by which text the provider's witness would be recognised: of a short text, a digest tells.
UPDATE provider_messages SET text_digest = NULL
WHERE id IN (
    SELECT id FROM provider_messages
    WHERE told_at < %(before)s AND text_digest IS NOT NULL LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
