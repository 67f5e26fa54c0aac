-- Nobody in this claim opts out, and nobody else writes to them, until it is decided. Everybody locks in the order of
-- the ids, so no two claims wait for each other.
SELECT id FROM contacts
WHERE id IN (SELECT cliente_id FROM outbound_messages WHERE claim_id = %(claim)s AND status = 'sending')
ORDER BY id
FOR NO KEY UPDATE
