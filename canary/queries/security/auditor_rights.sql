-- Whatever julia_auditor may do beside reading the record.
SELECT 'julia_auditor on ' || c.relname
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND (
      has_table_privilege('julia_auditor', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
      OR has_any_column_privilege('julia_auditor', c.oid, 'INSERT, UPDATE')
      OR c.relname NOT IN ('business_events', 'health_snapshots')
          AND has_any_column_privilege('julia_auditor', c.oid, 'SELECT')
  )
