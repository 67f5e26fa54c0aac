-- Q3: Bug detection - replies sem prova de inbound
SELECT
    ts,
    cliente_id,
    conversation_id,
    event_props->>'inbound_interaction_id' as inbound_id,
    event_props->>'block_reason' as razao
FROM business_events
WHERE event_type IN ('outbound_blocked', 'outbound_bypass')
  AND event_props->>'method' = 'reply'
  AND (
      event_props->>'inbound_interaction_id' IS NULL
      OR conversation_id IS NULL
  )
  AND ts >= NOW() - INTERVAL '24 hours'
ORDER BY ts DESC
LIMIT 20;
