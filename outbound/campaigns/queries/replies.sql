-- Who answered a campaign, and in which hour first: whoever wrote to us within three days of its message, unless another
-- campaign reached him in between, whose answer it then is.
SELECT date_trunc('hour', answered.at) AS hour, count(*) AS people
FROM outbound_messages m
CROSS JOIN LATERAL (
    SELECT min(i.received_at) AS at FROM interactions i
    WHERE i.cliente_id = m.cliente_id AND i.received_at > m.sent_at AND i.received_at <= m.sent_at + %(patience)s
      AND NOT EXISTS (
          SELECT FROM outbound_messages later
          WHERE later.cliente_id = m.cliente_id AND later.campaign_id <> m.campaign_id AND later.status = 'sent'
            AND later.attempted_at > m.sent_at AND later.attempted_at < i.received_at
      )
) answered
WHERE m.campaign_id = %(campaign)s AND m.status = 'sent' AND answered.at IS NOT NULL
GROUP BY 1 ORDER BY 1
