-- What was given to anybody but the owner, service_role and, of the record, julia_auditor: grants to everybody first
-- of all, of columns too.
WITH given AS (
    SELECT 'table ' || c.relname AS object, c.relowner AS owner, c.relacl AS acl, c.relname
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'column ' || a.attname || ' of table ' || c.relname, c.relowner, a.attacl, c.relname
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), NULL
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (
          SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
    UNION ALL
    SELECT 'schema public', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)), NULL
    FROM pg_namespace n
    WHERE n.nspname = 'public'
)
SELECT DISTINCT
    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || ', ' || a.privilege_type || ' on ' || g.object
FROM given g
CROSS JOIN LATERAL aclexplode(g.acl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE NOT CASE a.grantee WHEN 0 THEN false ELSE pg_has_role(a.grantee, g.owner, 'MEMBER') END
  AND NOT (r.rolname IS NOT DISTINCT FROM 'service_role' AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE', 'EXECUTE'))
  AND NOT (r.rolname IS NOT DISTINCT FROM 'julia_auditor' AND (
      a.privilege_type = 'SELECT' AND g.relname IN ('business_events', 'health_snapshots')
      OR a.privilege_type = 'USAGE' AND g.object = 'schema public'
  ))
