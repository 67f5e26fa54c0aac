-- The record that could be changed: tables with the trigger refuse_change that somebody but the owner may update,
-- delete or empty, or whose trigger is off; and the events, if they have lost it or their CHECK.
WITH guarded AS (
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = to_regproc('public.refuse_change'))
),
events AS (
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.oid = to_regclass('public.business_events')
    UNION ALL
    SELECT c.oid, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('public.business_events')
)
SELECT r.name || ' may change table ' || g.relname
FROM guarded g
CROSS JOIN (VALUES ('service_role'), (%(role)s)) AS r (name)
WHERE has_table_privilege(r.name, g.oid, 'UPDATE, DELETE, TRUNCATE')
UNION
SELECT 'table ' || g.relname || ': trigger ' || t.tgname || ' is off'
FROM guarded g
JOIN pg_trigger t ON t.tgrelid = g.oid AND t.tgfoid = to_regproc('public.refuse_change')
WHERE t.tgenabled NOT IN ('O', 'A')
UNION
SELECT 'table ' || e.relname || ': ' || missing.what
FROM events e
CROSS JOIN LATERAL (VALUES
    ('no trigger for UPDATE and DELETE', NOT EXISTS (
        SELECT FROM pg_trigger t
        -- For each row (1), before (2), on delete (8) and update (16).
        WHERE t.tgrelid = e.oid AND t.tgfoid = to_regproc('public.refuse_change') AND t.tgtype & 27 = 27
    )),
    ('no trigger for TRUNCATE', NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = e.oid AND t.tgfoid = to_regproc('public.refuse_change') AND t.tgtype & 32 = 32
    )),
    ('no CHECK against personal data', NOT EXISTS (
        SELECT FROM pg_constraint k
        WHERE k.conrelid = e.oid AND k.conname = 'business_events_no_personal_data' AND k.convalidated
    ))
) AS missing (what, is_so)
WHERE missing.is_so
