-- Lets go what a pause held, in the order it was queued in: the oldest is due a microsecond before the next. The rows
-- are locked first, so that they are joined by their ids alone: a plan made before the table grew would otherwise read
-- all that is held once for each.
WITH held AS MATERIALIZED (
    SELECT id, created_at FROM outbound_messages
    WHERE campaign_id = %(campaign)s AND status = 'queued' AND due_at IS NULL AND reason = 'campaign_paused'
    ORDER BY id
    FOR UPDATE
),
ordered AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) - 1 AS younger FROM held
)
UPDATE outbound_messages m
SET due_at = %(now)s - ordered.younger * interval '1 microsecond'
FROM ordered
WHERE m.id = ordered.id
