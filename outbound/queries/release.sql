-- Lets go what a switch or the canary held, for the contacts below a percentage; the guardrails decide anew when it is
-- claimed. It goes out in the order it was queued in: the oldest is due a microsecond before the next, the last now. The
-- rows are locked first, so that they are joined by their ids alone: a plan made before the table grew would otherwise
-- read all that is held once for each.
WITH held AS MATERIALIZED (
    SELECT q.id, q.created_at
    FROM outbound_messages q
    JOIN contacts c ON c.id = q.cliente_id
    WHERE q.status = 'queued' AND q.due_at IS NULL AND q.reason = ANY(%(reasons)s) AND c.bucket < %(pct)s
    ORDER BY q.id
    FOR UPDATE OF q
),
ordered AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) - 1 AS younger FROM held
)
UPDATE outbound_messages m
SET due_at = %(now)s - ordered.younger * interval '1 microsecond'
FROM ordered
WHERE m.id = ordered.id
