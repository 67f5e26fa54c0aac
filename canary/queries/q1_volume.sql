-- Q1: Sanity check - volume de eventos
SELECT
    event_type,
    COUNT(*) as total,
    COUNT(DISTINCT cliente_id) as clientes_unicos
FROM business_events
WHERE ts >= NOW() - INTERVAL '24 hours'
GROUP BY event_type
ORDER BY total DESC;
