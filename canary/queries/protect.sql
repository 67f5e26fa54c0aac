-- Protects everything in public that the current role owns: lets service_role in, julia_auditor see the record, and
-- keeps everybody else out. It goes by the catalogue, and does only what is missing, so that a database that is
-- protected is not locked for it.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity) AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', item.name);
    END LOOP;

    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'service_role_may_all')
    LOOP
        EXECUTE format(
            'CREATE POLICY service_role_may_all ON %s TO service_role USING (true) WITH CHECK (true)', item.name
        );
    END LOOP;

    -- Rows of these hold identifiers and reason codes only.
    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(c.relowner, 'USAGE')
          AND c.relname IN ('business_events', 'health_snapshots')
          AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'auditor_may_read')
    LOOP
        EXECUTE format('CREATE POLICY auditor_may_read ON %s FOR SELECT TO julia_auditor USING (true)', item.name);
        EXECUTE format('GRANT SELECT ON %s TO julia_auditor', item.name);
    END LOOP;

    -- A trigger for each row is handed down to partitions by PostgreSQL; one for a whole TRUNCATE is not.
    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(c.relowner, 'USAGE')
          AND EXISTS (
              SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = to_regproc('public.refuse_change')
          )
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_truncate')
    LOOP
        EXECUTE format(
            'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION public.refuse_change()', item.name
        );
    END LOOP;

    -- What service_role may do: nothing directly with a partition, add to what is append-only, all with other tables.
    FOR item IN
        SELECT c.oid::regclass AS name, wanted.kind, wanted.privileges
        FROM pg_class c
        CROSS JOIN LATERAL (
            SELECT
                CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
                CASE
                    WHEN c.relispartition THEN ''
                    WHEN c.relkind = 'S' THEN 'USAGE'
                    WHEN c.relkind IN ('v', 'm') THEN 'SELECT'
                    WHEN EXISTS (
                        SELECT FROM pg_trigger t
                        WHERE t.tgrelid = c.oid AND t.tgfoid = to_regproc('public.refuse_change')
                    ) THEN 'INSERT, SELECT'
                    ELSE 'DELETE, INSERT, SELECT, UPDATE'
                END AS privileges
        ) wanted
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
          AND pg_has_role(c.relowner, 'USAGE')
          AND wanted.privileges <> (
              SELECT coalesce(string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), '')
              FROM aclexplode(c.relacl) a WHERE a.grantee = 'service_role'::regrole
          )
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM service_role', item.kind, item.name);
        IF item.privileges <> '' THEN
            EXECUTE format('GRANT %s ON %s %s TO service_role', item.privileges, item.kind, item.name);
        END IF;
    END LOOP;

    -- Taking all of a table takes what was given of its columns.
    FOR item IN
        SELECT c.oid::regclass AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND pg_has_role(c.relowner, 'USAGE')
          AND EXISTS (
              SELECT FROM (
                  SELECT c.relacl AS acl
                  UNION ALL SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL
              ) given, aclexplode(given.acl) a
              WHERE a.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
          )
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC, anon, authenticated', item.kind, item.name);
    END LOOP;

    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND pg_has_role(c.relowner, 'USAGE')
          AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
    LOOP
        EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', item.name);
    END LOOP;

    FOR item IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND pg_has_role(p.proowner, 'USAGE')
          AND NOT EXISTS (
              SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          )
          AND EXISTS (
              SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
              WHERE a.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
          )
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC, anon, authenticated', item.name);
    END LOOP;

    FOR item IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND pg_has_role(p.proowner, 'USAGE')
          AND p.prorettype <> 'trigger'::regtype
          AND NOT EXISTS (
              SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          )
          AND NOT has_function_privilege('service_role', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO service_role', item.name);
    END LOOP;

    IF (
        SELECT pg_has_role(n.nspowner, 'USAGE') AND EXISTS (
            SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
            WHERE a.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
        )
        FROM pg_namespace n WHERE n.nspname = 'public'
    ) THEN
        REVOKE ALL ON SCHEMA public FROM PUBLIC, anon, authenticated;
    END IF;
    IF NOT (
        has_schema_privilege('service_role', 'public', 'USAGE')
        AND has_schema_privilege('julia_auditor', 'public', 'USAGE')
    ) THEN
        GRANT USAGE ON SCHEMA public TO service_role, julia_auditor;
    END IF;
END
$$;
