-- Tables that service_role has no policy for, and policies that let in anybody but it; julia_auditor may read.
SELECT 'table ' || c.relname
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (
      SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polroles = ARRAY['service_role'::regrole::oid] AND p.polcmd = '*'
  )
UNION ALL
SELECT 'policy ' || p.polname || ' of table ' || c.relname
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = 'public'::regnamespace
  AND p.polroles <> ARRAY['service_role'::regrole::oid]
  AND NOT (p.polroles = ARRAY['julia_auditor'::regrole::oid] AND p.polcmd = 'r')
