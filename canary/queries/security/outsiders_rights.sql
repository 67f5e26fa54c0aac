-- Whatever somebody outside may do with tables, columns, sequences, functions and the schema itself, given to them,
-- to everybody, or to a role they belong to. Functions of extensions are the extension's.
WITH outsiders (name) AS (VALUES ('anon'), ('authenticated'))
SELECT o.name || ' on ' || c.relname
FROM outsiders o, pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND (
      has_table_privilege(o.name, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
      OR has_any_column_privilege(o.name, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
  )
UNION ALL
SELECT o.name || ' on sequence ' || c.relname
FROM outsiders o, pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
  AND has_sequence_privilege(o.name, c.oid, 'USAGE, SELECT, UPDATE')
UNION ALL
SELECT o.name || ' on function ' || p.proname
FROM outsiders o, pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(o.name, p.oid, 'EXECUTE')
  AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  )
UNION ALL
SELECT o.name || ' on schema public'
FROM outsiders o
WHERE has_schema_privilege(o.name, 'public', 'USAGE, CREATE')
