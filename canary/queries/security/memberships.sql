-- Outsiders who could act as the application or as its owner.
SELECT o.name || ' belongs to ' || r.rolname
FROM (VALUES ('anon'), ('authenticated'), ('julia_auditor')) AS o (name)
JOIN pg_roles r ON r.rolname IN ('service_role', 'julia_app')
    OR r.oid IN (SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace)
WHERE pg_has_role(o.name, r.oid, 'MEMBER')
