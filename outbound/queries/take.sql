-- Takes what is due for the sender this claim has locked, answers before proactive messages, oldest first, and leaves
-- alone what another transaction holds. It is a statement of its own, after the sender's lock, to see what the claim
-- before it committed.
UPDATE outbound_messages m
SET status = 'sending', claim_id = %(claim)s, lease_until = %(lease_until)s,
    attempted_at = %(start_before)s, claimed_at = clock_timestamp()
FROM (
    SELECT due.id
    FROM senders s
    CROSS JOIN unnest(%(priorities)s::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT q.id FROM outbound_messages q
        WHERE q.sender_id = s.id AND q.status = 'queued' AND q.priority = level.priority AND q.due_at <= %(now)s
        ORDER BY q.due_at LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    ) due
    WHERE s.claim_id = %(claim)s
    LIMIT %(most)s
) AS taken
WHERE m.id = taken.id
