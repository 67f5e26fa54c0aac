-- What waits and why, what is in flight and what is in doubt, in one snapshot, by the index that each status has to
-- itself: what was sent is not read.
SELECT status, reason, count(*) FROM outbound_messages WHERE status = 'queued' GROUP BY status, reason
UNION ALL
SELECT status, NULL, count(*) FROM outbound_messages WHERE status = 'sending' GROUP BY status
UNION ALL
SELECT status, NULL, count(*) FROM outbound_messages WHERE status = 'unknown' GROUP BY status
ORDER BY count DESC
