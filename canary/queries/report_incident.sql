-- Opens an incident, or finds the open one of its kind and subject still wrong. The partial unique constraint makes one
-- of any number of reporters the one who opens it; the others wait for him here and hold its lock after him. xmax is
-- zero in a row that this statement inserted.
INSERT INTO incidents (severity, kind, subject, opened_at, opened_by, last_seen_at, resolved_by, note)
VALUES (%(severity)s, %(kind)s, %(subject)s, %(now)s, %(actor)s, %(now)s, '', '')
ON CONFLICT (kind, subject) WHERE resolved_at IS NULL
DO UPDATE SET
    last_seen_at = greatest(incidents.last_seen_at, excluded.last_seen_at),
    severity = least(incidents.severity, excluded.severity)
RETURNING id, xmax = 0 AS is_new
