-- What nobody knows the outcome of, longest in doubt first, with what asking needs; and what the provider's webhooks
-- told that fits: the same contact and text, at about that time, and no other message's record.
SELECT
    m.id, m.cliente_id, m.conversation_id, m.sender_id, m.method, m.channel, m.actor_type, m.actor_id,
    m.inbound_interaction_id, m.bypass_reason, m.text, m.created_at, m.attempted_at, m.claimed_at, m.absent_since, m.reported_at,
    c.phone, s.instance,
    (
        SELECT p.provider_message_id FROM provider_messages p
        WHERE p.cliente_id = m.cliente_id AND p.text_digest = md5(m.text)::uuid AND p.sender_id = m.sender_id
          AND p.sent_at BETWEEN m.claimed_at - %(skew)s AND m.attempted_at + %(request)s + %(skew)s
          AND NOT EXISTS (
              SELECT FROM outbound_messages o
              WHERE o.sender_id = p.sender_id AND o.provider_message_id = p.provider_message_id
          )
        ORDER BY p.sent_at LIMIT 1
    ) AS witnessed
FROM outbound_messages m
JOIN contacts c ON c.id = m.cliente_id
JOIN senders s ON s.id = m.sender_id
WHERE m.status = 'unknown'
ORDER BY m.attempted_at
LIMIT %(most)s
