-- The events' partition of the month to come: without it they would gather in the default one.
SELECT 'table business_events_' || to_char(month.first, 'YYYY_MM')
FROM (SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month')::date AS first) AS month
WHERE to_regclass('public.business_events') IS NOT NULL
  AND to_regclass('public.business_events_' || to_char(month.first, 'YYYY_MM')) IS NULL
