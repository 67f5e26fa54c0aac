-- Takes messages out of a claim's hands: back to the queue, blocked or failed. Nothing of them left, so they weigh on
-- no limit. A claim that no longer holds a message changes nothing of it.
UPDATE outbound_messages m
SET status = r.status, reason = r.reason, error = r.error, due_at = r.due_at,
    claim_id = NULL, lease_until = NULL, attempted_at = NULL
FROM json_to_recordset(%(returns)s) AS r (
    id uuid, claim_id uuid, status text, reason text, error text, due_at timestamptz
)
WHERE m.id = r.id AND m.claim_id = r.claim_id AND m.status = 'sending'
