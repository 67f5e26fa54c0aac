-- Tabelas com grant para anon (deve ser 0)
SELECT COUNT(*) FROM information_schema.table_privileges
WHERE grantee = 'anon' AND table_schema = 'public';
