"""The SQL of the go/no-go document, copied from it as it stands: Painel Diário, and Security Hardening, Verificação.

It is not to be brought in line with the code: where they differ, the code is wrong.
"""

from __future__ import annotations

Q1 = """\
-- Q1: Sanity check - volume de eventos
SELECT
    event_type,
    COUNT(*) as total,
    COUNT(DISTINCT cliente_id) as clientes_unicos
FROM business_events
WHERE ts >= NOW() - INTERVAL '24 hours'
GROUP BY event_type
ORDER BY total DESC;
"""

Q2 = """\
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
"""

Q3 = """\
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
"""

Q4 = """\
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
"""

Q5 = """\
-- Q5: Migração - fallbacks legados usados
SELECT
    ts,
    event_props->>'function' as funcao,
    event_props->>'telefone_prefix' as telefone_prefix
FROM business_events
WHERE event_type = 'outbound_fallback'
  AND ts >= NOW() - INTERVAL '24 hours'
ORDER BY ts DESC;
"""

TABLES_GRANTED_TO_ANON = """\
-- Tabelas com grant para anon (deve ser 0)
SELECT COUNT(*) FROM information_schema.table_privileges
WHERE grantee = 'anon' AND table_schema = 'public';
"""

EXPOSED_FUNCTIONS = """\
-- Funções SECURITY DEFINER expostas (deve ser 0)
SELECT COUNT(*) FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public'
  AND p.prosecdef = true
  AND has_function_privilege('anon', p.oid, 'EXECUTE');
"""
