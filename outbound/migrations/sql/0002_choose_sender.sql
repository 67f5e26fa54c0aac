-- Which of our numbers a contact hears from: the conversation's, else the last he talked to, else the one his bucket falls on among those that
-- are not stopped, so that a person always hears from the same number. Null when no number can be used.
CREATE FUNCTION outbound_sender_for(contact uuid, conversation uuid) RETURNS uuid
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(
        (SELECT v.sender_id FROM conversations v WHERE v.id = conversation AND v.cliente_id = contact),
        (SELECT v.sender_id FROM conversations v WHERE v.cliente_id = contact ORDER BY v.created_at DESC LIMIT 1),
        (
            SELECT usable.ids[1 + c.bucket % cardinality(usable.ids)]
            FROM contacts c, (SELECT array_agg(s.id ORDER BY s.instance) AS ids FROM senders s WHERE s.stopped_reason = '') usable
            WHERE c.id = contact AND cardinality(usable.ids) > 0
        ),
        -- All are stopped: the message waits for one of them.
        (SELECT s.id FROM senders s ORDER BY s.instance LIMIT 1)
    )
$$;
