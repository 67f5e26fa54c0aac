-- Everything the guardrails want to know of a batch of requests, in one query and so as of one moment.
-- The part called requests answers one row a request: (ord, id, cliente_id, sender_id, actor_id, has_inbound_proof,
-- campaign_id).
-- Usage counts what may have left: attempted_at is the latest start while a request is in flight, and null once it is
-- sure that nothing left. No more rows are read than the limit counts. What %(claim)s itself holds is not counted: it
-- was let through together.
WITH requests AS MATERIALIZED (/* requests */),
limits AS (
    SELECT * FROM unnest(%(limit_counts)s::int[], %(limit_windows)s::interval[]) WITH ORDINALITY AS l (count, length, ord)
),
-- Once for each sender, and not for each request.
sender_facts AS MATERIALIZED (
    SELECT
        s.id,
        s.stopped_reason = '' AND s.connection = 'open' AS is_ready,
        s.circuit_failures,
        s.circuit_trips,
        s.circuit_open_until,
        NOT EXISTS (
            SELECT FROM outbound_messages m
            WHERE m.status = 'sending' AND m.sender_id = s.id AND m.claim_id IS DISTINCT FROM %(claim)s
              AND m.lease_until > %(now)s
        ) AS probe_is_free,
        usage.*
    FROM senders s
    CROSS JOIN LATERAL (
        SELECT array_agg(recent.used ORDER BY l.ord) AS used, array_agg(recent.oldest ORDER BY l.ord) AS oldest
        FROM limits l
        CROSS JOIN LATERAL (
            SELECT count(*) AS used, min(attempted_at) AS oldest
            FROM (
                SELECT m.attempted_at FROM outbound_messages m
                WHERE m.sender_id = s.id AND m.attempted_at > %(now)s - l.length
                  AND m.claim_id IS DISTINCT FROM %(claim)s
                ORDER BY m.attempted_at DESC LIMIT l.count
            ) latest
        ) recent
    ) usage
    WHERE s.id IN (SELECT sender_id FROM requests)
)
SELECT
    r.ord,
    r.id,
    c.phone,
    c.kind,
    c.bucket,
    c.opted_out_at,
    c.cooling_off_until,
    c.next_allowed_at,
    r.has_inbound_proof,
    EXISTS (
        SELECT FROM auth_user u WHERE u.username = r.actor_id AND u.is_active AND u.is_staff
    ) AS operator_is_known,
    contact_usage.used AS contact_used,
    contact_usage.oldest AS contact_oldest,
    proactive.used AS proactive_used,
    proactive.oldest AS proactive_oldest,
    s.used AS sender_used,
    s.oldest AS sender_oldest,
    coalesce(s.is_ready, false) AS sender_is_ready,
    s.circuit_failures,
    s.circuit_trips,
    s.circuit_open_until,
    s.probe_is_free,
    EXISTS (SELECT FROM campaigns k WHERE k.id = r.campaign_id AND k.state = 'paused') AS campaign_is_paused,
    (SELECT json_object_agg(key, value) FROM feature_flags)::text AS flags
FROM requests r
JOIN contacts c ON c.id = r.cliente_id
LEFT JOIN sender_facts s ON s.id = r.sender_id
CROSS JOIN LATERAL (
    SELECT array_agg(recent.used ORDER BY l.ord) AS used, array_agg(recent.oldest ORDER BY l.ord) AS oldest
    FROM limits l
    CROSS JOIN LATERAL (
        SELECT count(*) AS used, min(attempted_at) AS oldest
        FROM (
            SELECT m.attempted_at FROM outbound_messages m
            WHERE m.cliente_id = c.id AND m.attempted_at > %(now)s - l.length
              AND m.claim_id IS DISTINCT FROM %(claim)s
            ORDER BY m.attempted_at DESC LIMIT l.count
        ) latest
    ) recent
) contact_usage
CROSS JOIN LATERAL (
    SELECT count(*) AS used, min(attempted_at) AS oldest
    FROM (
        SELECT m.attempted_at FROM outbound_messages m
        WHERE m.cliente_id = c.id AND m.attempted_at > %(now)s - %(cap_window)s AND m.method = ANY(%(proactive)s)
          AND m.claim_id IS DISTINCT FROM %(claim)s
        ORDER BY m.attempted_at DESC LIMIT %(cap_count)s
    ) latest
) proactive
ORDER BY r.ord
