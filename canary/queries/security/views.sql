-- Views that read with their owner's rights; a materialised view keeps rows where no policy reaches.
SELECT 'view ' || c.relname
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace
  AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))
