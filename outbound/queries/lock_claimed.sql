-- The messages that their claims still hold; a claim that lost one, to a lease that ran out, finds it missing here.
SELECT m.id
FROM outbound_messages m
JOIN json_to_recordset(%(claimed)s) AS c (id uuid, claim_id uuid) ON c.id = m.id AND c.claim_id = m.claim_id
WHERE m.status = 'sending'
ORDER BY m.id
FOR UPDATE OF m
