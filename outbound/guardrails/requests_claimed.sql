SELECT (row_number() OVER (ORDER BY m.priority, m.due_at, m.id))::int AS ord, m.*
FROM outbound_messages m
WHERE m.claim_id = %(claim)s AND m.status = 'sending' AND (%(ids)s::uuid[] IS NULL OR m.id = ANY(%(ids)s))
