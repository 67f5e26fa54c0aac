-- Messages that may have left though another with the same key had, inside its window. The exclusion constraint should
-- keep this at zero; it is counted from the rows all the same.
SELECT later.id::text AS message, later.cliente_id, later.method, later.attempted_at AS left_at
FROM senders s JOIN outbound_messages later ON later.sender_id = s.id
WHERE later.attempted_at >= %(since)s AND later.attempted_at < %(until)s
  AND EXISTS (
      SELECT FROM outbound_messages earlier
      WHERE earlier.dedupe_key = later.dedupe_key AND earlier.id <> later.id
        AND tstzrange(earlier.created_at, earlier.dedupe_until) @> later.created_at
        AND earlier.status NOT IN ('failed', 'blocked') AND earlier.attempted_at IS NOT NULL
        AND (earlier.created_at, earlier.id) < (later.created_at, later.id)
      -- Looked up one by one in the constraint's own index; joined, the whole table would be read.
      OFFSET 0
  )
ORDER BY later.attempted_at
