-- Time limits that do not come with the application's login in this database.
SELECT 'julia_app: ' || v.name
FROM (VALUES ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout')) AS v (name)
WHERE NOT EXISTS (
    SELECT FROM pg_db_role_setting s
    CROSS JOIN LATERAL unnest(s.setconfig) AS setting
    WHERE s.setrole = 'julia_app'::regrole
      AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND split_part(setting, '=', 1) = v.name AND split_part(setting, '=', 2) NOT IN ('', '0')
)
