-- What really left for a contact while he was opted out, and was neither a proved reply nor a recorded bypass. The
-- guardrail's own word is not asked: what left is held against when he was out.
WITH
-- When contacts were out: the contact's row says since when, and the event of his coming back until when, as he may
-- have come back, or gone and come back several times, since.
opt_outs AS (
    SELECT c.id AS cliente_id, c.opted_out_at AS began_at, 'infinity'::timestamptz AS ended_at
    FROM contacts c WHERE c.opted_out_at < %(until)s
    UNION ALL
    SELECT
        back.cliente_id,
        coalesce((back.event_props ->> 'opted_out_at')::timestamptz, (
            SELECT max(gone.ts) FROM business_events gone
            WHERE gone.event_type = 'contact_opted_out' AND gone.cliente_id = back.cliente_id AND gone.ts <= back.ts
        )),
        back.ts
    FROM business_events back
    WHERE back.event_type = 'contact_opted_in' AND back.ts > %(since)s
),
-- What left, by our own rows. The claim's time decides, the database's clock like the opt-out's, which is read under
-- the lock that claims take, too: a claim that committed before it had begun to send.
ours AS (
    SELECT m.id::text AS message, m.cliente_id, m.method, m.claimed_at AS began_at, m.attempted_at AS left_at
    FROM senders s JOIN outbound_messages m ON m.sender_id = s.id
    WHERE m.attempted_at >= %(since)s AND m.attempted_at < %(until)s
      AND m.status IN ('sent', 'unknown')
      AND NOT (m.method = 'reply' AND m.has_inbound_proof)
),
-- What left by the provider's witness, though no row of ours knows of it: whoever sent it went around the one way out.
-- A row of the same text whose outcome is not known yet may be the one.
theirs AS (
    SELECT p.provider_message_id AS message, p.cliente_id, NULL AS method, p.sent_at AS began_at, p.sent_at AS left_at
    FROM provider_messages p
    WHERE p.sent_at >= %(since)s AND p.sent_at < %(until)s
      AND NOT EXISTS (
          SELECT FROM outbound_messages m
          WHERE m.sender_id = p.sender_id AND m.provider_message_id = p.provider_message_id
      )
      AND NOT EXISTS (
          SELECT FROM outbound_messages m
          WHERE m.cliente_id = p.cliente_id AND m.sender_id = p.sender_id AND m.status IN ('sending', 'unknown')
            AND m.attempted_at IS NOT NULL AND md5(m.text)::uuid = p.text_digest
      )
),
-- Few or none: only for these is a bypass looked for.
found AS MATERIALIZED (
    SELECT f.message, f.cliente_id, f.method, f.left_at, o.began_at AS opted_out_at
    FROM (SELECT * FROM ours UNION ALL SELECT * FROM theirs) f
    JOIN opt_outs o ON o.cliente_id = f.cliente_id AND f.began_at > o.began_at AND f.left_at < o.ended_at
)
SELECT found.* FROM found
WHERE NOT EXISTS (
    SELECT FROM business_events e
    -- It is recorded when the claim is made; a day's play, and only the months that count are read.
    WHERE e.ts >= %(since)s::timestamptz - interval '1 day'
      AND e.event_type = 'outbound_bypass' AND e.cliente_id = found.cliente_id
      AND e.event_props ->> 'message_id' = found.message AND e.event_props ->> 'block_reason' = 'opted_out'
      AND trim(e.event_props ->> 'bypass_reason') <> ''
)
ORDER BY found.left_at
