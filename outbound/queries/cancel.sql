-- Blocks those of the given messages that still wait. It waits for a claim that holds one: what the claim lets through
-- has begun to be sent, and what it puts back is found here.
UPDATE outbound_messages
SET status = 'blocked', reason = %(reason)s, due_at = NULL
WHERE id IN (
    SELECT id FROM outbound_messages
    WHERE id = ANY(%(ids)s) AND status = 'queued'
    ORDER BY id
    FOR UPDATE
)
RETURNING id, cliente_id, conversation_id, method, channel, actor_type, actor_id, inbound_interaction_id, bypass_reason
