-- Q2: Risco - motivos de bloqueio e bypass
SELECT
    event_type,
    event_props->>'block_reason' as razao,
    event_props->>'channel' as canal,
    event_props->>'method' as metodo,
    COUNT(*) as total
FROM business_events
WHERE event_type IN ('outbound_blocked', 'outbound_bypass')
  AND ts >= NOW() - INTERVAL '24 hours'
GROUP BY 1, 2, 3, 4
ORDER BY total DESC;
