-- What is not settled, by state and reason; each state by the index it has to itself: what was sent is not read.
SELECT
    CASE WHEN due_at IS NULL THEN 'held' WHEN due_at > %(now)s THEN 'later' ELSE 'due' END AS state,
    coalesce(reason, 'none') AS reason,
    count(*)
FROM outbound_messages WHERE status = 'queued' GROUP BY 1, 2
UNION ALL
SELECT 'sending', 'none', count(*) FROM outbound_messages WHERE status = 'sending'
UNION ALL
SELECT 'unknown', coalesce(reason, 'none'), count(*) FROM outbound_messages WHERE status = 'unknown' GROUP BY 2
