-- Writes what became of recipients: a message was enqueued, or why none was.
UPDATE campaign_recipients r
SET fed_at = CASE WHEN f.left_out = '' THEN %(now)s::timestamptz END, left_out = f.left_out
FROM unnest(%(ids)s::bigint[], %(left_out)s::text[]) AS f (id, left_out)
WHERE r.id = f.id
