-- Lets go what a switch or the canary held, for the contacts below a percentage; the guardrails decide anew when it is
-- claimed. One indexed statement, however large the audience.
UPDATE outbound_messages m
SET due_at = %(now)s
FROM contacts c
WHERE c.id = m.cliente_id AND m.status = 'queued' AND m.due_at IS NULL AND m.reason = ANY(%(reasons)s)
  AND c.bucket < %(pct)s
