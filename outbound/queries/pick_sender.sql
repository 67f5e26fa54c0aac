-- Locks the sender whose turn it is, among those with something due, and marks it as this claim's. The lock makes the
-- limits exact: whoever counts next sees all that this claim takes.
UPDATE senders
SET claim_id = %(claim)s, last_claimed_at = %(now)s
WHERE id = (
    SELECT s.id FROM senders s
    WHERE s.stopped_reason = '' AND s.connection = 'open' AND (s.resume_at IS NULL OR s.resume_at <= %(now)s)
      -- By priority and in its order, as the index has it: what waits for later is not leafed through.
      AND EXISTS (
          SELECT FROM unnest(%(priorities)s::smallint[]) AS level (priority)
          CROSS JOIN LATERAL (
              SELECT FROM outbound_messages q
              WHERE q.sender_id = s.id AND q.status = 'queued' AND q.priority = level.priority AND q.due_at <= %(now)s
              ORDER BY q.due_at LIMIT 1
          ) due
      )
    ORDER BY s.last_claimed_at NULLS FIRST, s.id
    LIMIT 1
    FOR UPDATE
)
RETURNING id
