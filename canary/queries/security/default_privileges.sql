-- Roles that own something in public and whose next object there would be open: what is created takes its grants from
-- the defaults, and a function that has none is everybody's.
WITH owners AS (
    SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION
    SELECT p.proowner FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (
          SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
)
SELECT DISTINCT
    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || ', '
        || a.privilege_type || ' on what ' || pg_get_userbyid(o.owner) || ' creates'
FROM owners o
JOIN pg_default_acl d ON d.defaclrole = o.owner AND d.defaclnamespace IN (0, 'public'::regnamespace)
CROSS JOIN LATERAL aclexplode(d.defaclacl) a
WHERE a.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
UNION ALL
SELECT 'PUBLIC, EXECUTE on functions that ' || pg_get_userbyid(o.owner) || ' creates'
FROM owners o
WHERE NOT EXISTS (
    SELECT FROM pg_default_acl d WHERE d.defaclrole = o.owner AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
)
