-- Lets go what a switch or the canary held, for the contacts below a percentage; the guardrails decide anew when it is
-- claimed. It goes out in the order it was queued in: the oldest is due a microsecond before the next, the last now. One
-- indexed statement, however large the audience.
UPDATE outbound_messages m
SET due_at = %(now)s - held.younger * interval '1 microsecond'
FROM (
    SELECT q.id, row_number() OVER (ORDER BY q.created_at DESC, q.id DESC) - 1 AS younger
    FROM outbound_messages q
    JOIN contacts c ON c.id = q.cliente_id
    WHERE q.status = 'queued' AND q.due_at IS NULL AND q.reason = ANY(%(reasons)s) AND c.bucket < %(pct)s
) AS held
WHERE m.id = held.id AND m.status = 'queued' AND m.due_at IS NULL
