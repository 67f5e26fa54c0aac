-- Blocks those of the given messages that wait, and has those that are being sent, or may have been, go out no second
-- time: what brings such a one back to the queue finds it expired. It waits for a claim or a settlement that holds one,
-- in the order in which those lock.
WITH theirs AS MATERIALIZED (
    SELECT id, status FROM outbound_messages
    WHERE id = ANY(%(ids)s) AND status IN ('queued', 'sending', 'unknown')
    ORDER BY id
    FOR UPDATE
),
begun AS (
    UPDATE outbound_messages m
    SET expires_at = least(m.expires_at, %(now)s)
    FROM theirs
    WHERE m.id = theirs.id AND theirs.status <> 'queued'
)
UPDATE outbound_messages m
SET status = 'blocked', reason = %(reason)s, due_at = NULL
FROM theirs
WHERE m.id = theirs.id AND theirs.status = 'queued'
RETURNING
    m.id, m.cliente_id, m.conversation_id, m.method, m.channel, m.actor_type, m.actor_id, m.inbound_interaction_id,
    m.bypass_reason
