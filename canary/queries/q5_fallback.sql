-- Q5: Migração - fallbacks legados usados
SELECT
    ts,
    event_props->>'function' as funcao,
    event_props->>'telefone_prefix' as telefone_prefix
FROM business_events
WHERE event_type = 'outbound_fallback'
  AND ts >= NOW() - INTERVAL '24 hours'
ORDER BY ts DESC;
