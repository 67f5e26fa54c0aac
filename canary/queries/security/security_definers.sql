-- Functions that act as their owner whoever calls them; we have no need of any.
SELECT 'function ' || p.proname
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
