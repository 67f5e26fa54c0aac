-- What waits and why, what is in flight and what is in doubt, in one snapshot, by the index that each status has to
-- itself: what was sent is not read. Of what waits only the first `most` are counted, so that a million takes no longer.
SELECT 'queued' AS status, reason, count(*) FROM (
    SELECT reason FROM outbound_messages
    WHERE status = 'queued'
    ORDER BY sender_id, priority, due_at
    LIMIT %(most)s
) AS first
GROUP BY reason
UNION ALL
SELECT status, NULL, count(*) FROM outbound_messages WHERE status = 'sending' GROUP BY status
UNION ALL
SELECT status, NULL, count(*) FROM outbound_messages WHERE status = 'unknown' GROUP BY status
ORDER BY count DESC
