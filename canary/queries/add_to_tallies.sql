-- Adds the counts of a time to those of all time before it.
INSERT INTO event_tallies (event_type, method, reason, outcome, le, total, waited_ms)
{counted}
ON CONFLICT (event_type, method, reason, outcome, le) DO UPDATE
SET total = event_tallies.total + excluded.total, waited_ms = event_tallies.waited_ms + excluded.waited_ms
