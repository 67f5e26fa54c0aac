-- Blocks what waits for a contact who opts out, but for answers to what he wrote unless he is erased. What another transaction holds is
-- being claimed: it waits for this one's lock on the contact, and will see that he opted out.
UPDATE outbound_messages
SET status = 'blocked', reason = 'opted_out', due_at = NULL
WHERE id IN (
    SELECT id FROM outbound_messages
    WHERE cliente_id = %(contact)s AND status = 'queued'
      AND (%(answers_too)s OR NOT (method = 'reply' AND has_inbound_proof))
    FOR UPDATE SKIP LOCKED
)
RETURNING id, cliente_id, conversation_id, method, channel, actor_type, actor_id, inbound_interaction_id, bypass_reason
