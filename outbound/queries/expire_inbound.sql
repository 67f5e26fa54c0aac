-- Empties what contacts wrote to us too long ago.
UPDATE interactions SET text = ''
WHERE id IN (
    SELECT id FROM interactions WHERE received_at < %(before)s AND text <> '' LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
