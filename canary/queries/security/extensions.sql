-- Extensions among our own tables: their functions are everybody's to call.
SELECT 'extension ' || e.extname
FROM pg_extension e
WHERE e.extnamespace = 'public'::regnamespace
