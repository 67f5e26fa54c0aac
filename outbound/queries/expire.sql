-- Fails what waited longer than it was worth, held or not.
UPDATE outbound_messages
SET status = 'failed', reason = 'expired', error = 'expired', due_at = NULL
WHERE id IN (
    SELECT id FROM outbound_messages
    WHERE status = 'queued' AND expires_at <= %(now)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id, cliente_id, conversation_id, method, channel, actor_type, actor_id, inbound_interaction_id, bypass_reason
