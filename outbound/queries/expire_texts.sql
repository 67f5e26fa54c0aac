-- Empties the texts of messages that are settled and too old; the row stays as the record of what was done. What still
-- waits has a use for its text, and what nobody knows the outcome of is recognised by it.
UPDATE outbound_messages SET text = ''
WHERE id IN (
    SELECT id FROM outbound_messages
    WHERE created_at < %(before)s AND text <> '' AND status IN ('sent', 'failed', 'blocked')
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
