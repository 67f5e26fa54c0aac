-- Lets go what a pause held, in the order it was queued in: the oldest is due a microsecond before the next.
UPDATE outbound_messages m
SET due_at = %(now)s - held.younger * interval '1 microsecond'
FROM (
    SELECT q.id, row_number() OVER (ORDER BY q.created_at DESC, q.id DESC) - 1 AS younger
    FROM outbound_messages q
    WHERE q.campaign_id = %(campaign)s AND q.status = 'queued' AND q.due_at IS NULL AND q.reason = 'campaign_paused'
) AS held
WHERE m.id = held.id AND m.status = 'queued' AND m.due_at IS NULL
