-- Who opted out within three days of a campaign's message.
SELECT count(*)
FROM outbound_messages m JOIN contacts c ON c.id = m.cliente_id
WHERE m.campaign_id = %(campaign)s AND m.status = 'sent'
  AND c.opted_out_at > m.sent_at AND c.opted_out_at <= m.sent_at + %(patience)s
