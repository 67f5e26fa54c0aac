-- Which live message each key repeats at this moment.
SELECT m.dedupe_key, m.id
FROM outbound_messages m
WHERE m.dedupe_key = ANY(%(keys)s) AND tstzrange(m.created_at, m.dedupe_until) && tstzrange(%(now)s, %(now)s, '[]')
  AND NOT m.status IN ('failed', 'blocked')
