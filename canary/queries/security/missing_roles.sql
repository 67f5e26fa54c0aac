-- The roles everything else here speaks of.
SELECT 'role ' || v.name
FROM (VALUES ('anon'), ('authenticated'), ('service_role'), ('julia_app'), ('julia_auditor')) AS v (name)
WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = v.name)
