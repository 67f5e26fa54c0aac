-- A switch that is being turned waits for this claim, or this claim for it: never half of each.
SELECT key FROM feature_flags ORDER BY key FOR SHARE
