SELECT
    g.ord,
    NULL::uuid AS id,
    g.cliente_id,
    coalesce(g.sender_id, outbound_sender_for(c.id, g.conversation_id)) AS sender_id,
    NULL::uuid AS campaign_id,
    g.actor_id,
    EXISTS (
        SELECT FROM interactions i
        WHERE i.id = g.inbound_interaction_id AND i.cliente_id = g.cliente_id AND i.conversation_id = g.conversation_id
          AND i.received_at > %(now)s - %(proof_age)s AND i.received_at <= %(now)s
    ) AS has_inbound_proof
FROM json_to_recordset(%(given)s) AS g (
    ord int, cliente_id uuid, sender_id uuid, actor_id text, conversation_id uuid, inbound_interaction_id uuid
)
JOIN contacts c ON c.id = g.cliente_id
