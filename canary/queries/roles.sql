-- The roles of the go/no-go document and ours, each only where it is missing. Run by `manage.py migrate`; on a managed
-- database whose migrating role may not create roles, run it once by hand as one that may.
--
-- anon, authenticated: outsiders, as Supabase names them; they may do nothing.
-- service_role: may do what the application does; nobody logs in as it.
-- julia_app: the application's login; not an owner, and all it may do is service_role's.
-- julia_auditor: reads events and metrics, which hold no personal data; granted to the people who may.
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT v.name, v.login FROM (VALUES
            ('anon', 'NOLOGIN'), ('authenticated', 'NOLOGIN'), ('service_role', 'NOLOGIN'), ('julia_auditor', 'NOLOGIN'),
            ('julia_app', 'LOGIN')
        ) AS v (name, login)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = v.name)
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE', wanted.name, wanted.login);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was faster
        END;
    END LOOP;
    -- The owner, too: row-level security is forced on whom the tables belong to.
    FOR wanted IN
        SELECT r.name FROM (VALUES ('julia_app'::name), (current_user)) AS r (name)
        WHERE NOT pg_catalog.pg_has_role(r.name, 'service_role', 'USAGE')
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('GRANT service_role TO %I', wanted.name);
        EXCEPTION
            WHEN unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;
