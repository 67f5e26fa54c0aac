-- Puts into an audience those of the given contacts who may be written to and are not in it; answers whom. The order is
-- the same for everybody who adds, so that no two wait for each other.
INSERT INTO campaign_recipients (campaign_id, cliente_id, left_out)
SELECT %(campaign)s, c.id, ''
FROM contacts c
WHERE c.id = ANY(%(contacts)s) AND c.opted_out_at IS NULL AND c.erased_at IS NULL
ORDER BY c.id
ON CONFLICT (campaign_id, cliente_id) DO NOTHING
RETURNING cliente_id
