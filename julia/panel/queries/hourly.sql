-- What left and what was blocked, by the hour and the reason: a day's events, read by their type's index.
SELECT date_trunc('hour', ts) AS hour, event_type, event_props ->> 'block_reason' AS reason, count(*)
FROM business_events
WHERE event_type IN ('outbound_sent', 'outbound_blocked') AND ts >= %(since)s AND ts < %(until)s
GROUP BY 1, 2, 3
