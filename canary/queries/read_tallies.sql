-- What is added up already, and what happened since.
SELECT event_type, method, reason, outcome, le, sum(total)::bigint, sum(waited_ms)::bigint
FROM (
    SELECT event_type, method, reason, outcome, le, total, waited_ms FROM event_tallies
    UNION ALL
    ({counted})
) AS counted
GROUP BY event_type, method, reason, outcome, le
