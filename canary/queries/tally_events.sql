-- Events of a time, counted by what dashboards ask for; waits fall into classes by their upper bound, included. They are
-- told to the millisecond, so half of one more makes width_bucket's excluded bound an included one.
SELECT
    event_type,
    coalesce(event_props->>'method', '') AS method,
    coalesce(event_props->>'block_reason', '') AS reason,
    coalesce(event_props->>'outcome', '') AS outcome,
    coalesce(
        (%(bounds)s::float8[] || 'infinity'::float8)[
            1 + width_bucket(waited_s, (SELECT array_agg(bound + 0.0005 ORDER BY bound) FROM unnest(%(bounds)s::float8[]) bound))
        ],
        0
    ) AS le,
    count(*) AS total,
    coalesce(sum(round(waited_s * 1000)), 0)::bigint AS waited_ms
FROM business_events
CROSS JOIN LATERAL (
    SELECT CASE WHEN jsonb_typeof(event_props->'waited_s') = 'number' THEN (event_props->>'waited_s')::float8 END
) AS told (waited_s)
WHERE ts >= %(since)s AND ts < %(until)s
GROUP BY 1, 2, 3, 4, 5
