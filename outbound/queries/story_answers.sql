-- The first thing each contact wrote after a message of ours, while it was the last that had left for him.
SELECT m.id AS message_id, i.received_at
FROM outbound_messages m
CROSS JOIN LATERAL (
    SELECT i.received_at FROM interactions i
    WHERE i.cliente_id = m.cliente_id AND i.received_at > m.sent_at
    ORDER BY i.received_at LIMIT 1
) i
WHERE m.id = ANY(%(ids)s)
  AND NOT EXISTS (
      SELECT FROM outbound_messages later
      WHERE later.cliente_id = m.cliente_id AND later.attempted_at > m.sent_at AND later.attempted_at < i.received_at
        AND later.status IN ('sent', 'unknown')
  )
