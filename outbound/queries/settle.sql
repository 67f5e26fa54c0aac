-- Writes what became of messages whose requests were made.
UPDATE outbound_messages m
SET status = r.status, reason = r.reason, error = r.error, sent_at = r.sent_at, attempted_at = r.attempted_at,
    attempts = r.attempts, provider_message_id = r.provider_message_id, lease_until = NULL
FROM json_to_recordset(%(results)s) AS r (
    id uuid, status text, reason text, error text, sent_at timestamptz, attempted_at timestamptz, attempts smallint,
    provider_message_id text
)
WHERE m.id = r.id
