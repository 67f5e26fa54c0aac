-- What really left for a contact after he had opted out, and was neither a proved reply nor a recorded bypass. The
-- guardrail's own word is not asked: the claim's time is held against the opt-out's. Both are the database's clock, the
-- opt-out's read under the lock that claims take, too; a claim that committed before it had begun to send.
SELECT count(*)
FROM outbound_messages m
JOIN contacts c ON c.id = m.cliente_id
WHERE m.attempted_at >= %(since)s AND m.attempted_at < %(until)s
  AND m.status IN ('sent', 'unknown')
  AND c.opted_out_at IS NOT NULL AND m.claimed_at > c.opted_out_at
  AND NOT (m.method = 'reply' AND m.has_inbound_proof)
  AND NOT EXISTS (
      SELECT FROM business_events e
      WHERE e.event_type = 'outbound_bypass' AND e.cliente_id = m.cliente_id
        AND e.event_props ->> 'message_id' = m.id::text AND e.event_props ->> 'block_reason' = 'opted_out'
        AND e.event_props ->> 'bypass_reason' <> ''
  )
