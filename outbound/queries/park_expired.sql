-- Takes messages out of the hands of workers that did not come back in time. Whether their requests were made, nobody
-- knows: attempted_at stays at the latest instant at which they may have been.
UPDATE outbound_messages
SET status = 'unknown', reason = 'lease_expired', error = 'its worker did not come back', lease_until = NULL
WHERE id IN (
    SELECT id FROM outbound_messages
    WHERE status = 'sending' AND lease_until <= %(now)s
    FOR UPDATE SKIP LOCKED
)
RETURNING
    id, cliente_id, conversation_id, method, channel, actor_type, actor_id, inbound_interaction_id, bypass_reason
