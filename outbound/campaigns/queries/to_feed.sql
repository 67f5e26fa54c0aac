-- Whom a campaign has not written to yet, first come first, with the name the text may call them by; and whether the
-- same campaign, under another name, has reached them already.
SELECT
    r.id, r.cliente_id, c.name,
    EXISTS (
        SELECT FROM campaigns twin JOIN outbound_messages m ON m.campaign_id = twin.id AND m.cliente_id = r.cliente_id
        WHERE twin.content_key = %(content_key)s AND twin.id <> %(campaign)s AND m.status NOT IN ('failed', 'blocked')
    ) AS already_received
FROM campaign_recipients r
JOIN contacts c ON c.id = r.cliente_id AND c.erased_at IS NULL
WHERE r.campaign_id = %(campaign)s AND r.fed_at IS NULL AND r.left_out = '' AND r.id > %(after)s
ORDER BY r.id
LIMIT %(most)s
