-- What the application's login could do beside its work: its attributes, what it owns or could become, and whether it
-- is let in at all. Role %(role)s.
WITH app AS (SELECT * FROM pg_roles WHERE rolname = %(role)s)
SELECT app.rolname || ': ' || v.problem
FROM app
CROSS JOIN LATERAL (VALUES
    ('SUPERUSER', app.rolsuper),
    ('BYPASSRLS', app.rolbypassrls),
    ('CREATEROLE', app.rolcreaterole),
    ('CREATEDB', app.rolcreatedb),
    ('REPLICATION', app.rolreplication),
    ('no member of service_role', NOT pg_has_role(app.oid, 'service_role', 'USAGE')),
    ('CREATE on schema public', has_schema_privilege(app.oid, 'public', 'CREATE'))
) AS v (problem, is_so)
WHERE v.is_so
UNION ALL
SELECT DISTINCT app.rolname || ': may become the owner ' || pg_get_userbyid(c.relowner)
FROM app
JOIN pg_class c ON c.relnamespace = 'public'::regnamespace AND pg_has_role(app.oid, c.relowner, 'MEMBER')
