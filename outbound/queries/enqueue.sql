-- One row a message that is no duplicate and whose contact exists; its id comes back, the others' do not. The proof of
-- a reply is judged here, against our own records, and sets when the reply expires.
INSERT INTO outbound_messages (
    id, dedupe_key, dedupe_until, cliente_id, conversation_id, sender_id, method, channel, actor_type, actor_id,
    template_ref, text, inbound_interaction_id, has_inbound_proof, bypass_reason, priority, created_at, due_at, expires_at,
    campaign_id
)
SELECT
    r.id, r.dedupe_key, r.dedupe_until, c.id, r.conversation_id, outbound_sender_for(c.id, r.conversation_id), r.method,
    r.channel, r.actor_type, r.actor_id, r.template_ref, r.text, r.inbound_interaction_id, i.id IS NOT NULL,
    r.bypass_reason, r.priority, %(now)s, coalesce(r.send_at, %(now)s),
    least(r.expires_at, CASE WHEN r.method = 'reply' THEN i.received_at + %(proof_age)s END),
    r.campaign_id
FROM json_to_recordset(%(messages)s) AS r (
    ord int, id uuid, dedupe_key uuid, dedupe_until timestamptz, cliente_id uuid, conversation_id uuid, method text, channel text,
    actor_type text, actor_id text, template_ref text, text text, inbound_interaction_id uuid, bypass_reason text,
    priority smallint, send_at timestamptz, expires_at timestamptz, campaign_id uuid
)
JOIN contacts c ON c.id = r.cliente_id AND c.erased_at IS NULL
LEFT JOIN interactions i
    ON i.id = r.inbound_interaction_id AND i.cliente_id = r.cliente_id AND i.conversation_id = r.conversation_id
    AND i.received_at > %(now)s - %(proof_age)s AND i.received_at <= %(now)s
-- Of two alike the first is queued; and whoever enqueues the same messages takes their keys in the same order, so that
-- no two wait for each other.
ORDER BY r.dedupe_key, r.ord
-- The lock that the foreign key takes anyway, before we look: who is being erased is waited for, and then is nobody.
FOR KEY SHARE OF c
ON CONFLICT DO NOTHING
RETURNING id
