-- What a claim holds, or some of it, with what the provider and the events need of each.
SELECT m.id, m.cliente_id, m.conversation_id, m.sender_id, m.method, m.channel, m.actor_type, m.actor_id,
       m.inbound_interaction_id, m.bypass_reason, m.text, m.reason, m.expires_at,
       m.created_at, c.phone, s.instance
FROM outbound_messages m JOIN contacts c ON c.id = m.cliente_id JOIN senders s ON s.id = m.sender_id
WHERE m.claim_id = %(claim)s AND m.status = 'sending' AND (%(ids)s::uuid[] IS NULL OR m.id = ANY(%(ids)s))
