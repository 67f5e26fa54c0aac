-- The bridges opened between two instants, by day in São Paulo: how many, how many ended, how many of them confirmed, and
-- the median hours from the start of the clock to the confirmation.
SELECT
    (created_at AT TIME ZONE %(zone)s)::date AS day,
    count(*)::int AS opened,
    count(ended_at)::int AS ended,
    (count(*) FILTER (WHERE status = 'confirmed'))::int AS confirmed,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - starts_at) / 3600.0)
        FILTER (WHERE status = 'confirmed')::float AS median_h
FROM external_handoffs
WHERE created_at >= %(since)s AND created_at < %(until)s
GROUP BY day
ORDER BY day
