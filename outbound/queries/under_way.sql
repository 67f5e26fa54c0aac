-- What is in flight and what waits, in one snapshot, by the index that each status has to itself.
SELECT
    (SELECT count(*) FROM outbound_messages WHERE status = 'sending') AS in_flight,
    (SELECT count(*) FROM outbound_messages WHERE status = 'queued') AS waiting
