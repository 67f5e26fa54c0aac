-- What the provider's webhooks saw leave twice: the same text to the same contact within the hour, under two ids. An
-- answer to what the contact wrote may well be the same twice; whatever no row of ours knows counts.
SELECT later.provider_message_id AS message, later.cliente_id, m.method, later.sent_at AS left_at
FROM provider_messages later
LEFT JOIN outbound_messages m
    ON m.sender_id = later.sender_id AND m.provider_message_id = later.provider_message_id
WHERE later.sent_at >= %(since)s AND later.sent_at < %(until)s
  AND later.cliente_id IS NOT NULL
  AND (m.id IS NULL OR m.method NOT IN ('reply', 'button', 'command'))
  AND EXISTS (
      SELECT FROM provider_messages earlier
      WHERE earlier.cliente_id = later.cliente_id AND earlier.text_digest = later.text_digest
        AND earlier.sent_at <= later.sent_at AND earlier.sent_at > later.sent_at - interval '1 hour'
        AND (earlier.sent_at, earlier.id) < (later.sent_at, later.id)
  )
ORDER BY later.sent_at
