-- When the first of what a worker would take now became due: one look into the index for each sender and priority, however
-- much waits behind it.
SELECT min(first.due_at)
FROM senders s
CROSS JOIN unnest(%(priorities)s::smallint[]) AS level (priority)
CROSS JOIN LATERAL (
    SELECT q.due_at FROM outbound_messages q
    WHERE q.sender_id = s.id AND q.status = 'queued' AND q.priority = level.priority AND q.due_at <= %(now)s
    ORDER BY q.due_at LIMIT 1
) first
WHERE s.stopped_reason = '' AND s.connection = 'open' AND (s.resume_at IS NULL OR s.resume_at <= %(now)s)
