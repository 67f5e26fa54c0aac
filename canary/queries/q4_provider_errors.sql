-- Q4: Estabilidade - falhas de envio
SELECT
    DATE_TRUNC('hour', ts) as hora,
    event_props->>'block_reason' as razao,
    COUNT(*) as total
FROM business_events
WHERE event_type = 'outbound_blocked'
  AND event_props->>'block_reason' IN ('provider_error', 'timeout', 'circuit_open')
  AND ts >= NOW() - INTERVAL '24 hours'
GROUP BY 1, 2
ORDER BY 1 DESC;
