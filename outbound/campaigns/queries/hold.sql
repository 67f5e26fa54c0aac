-- Holds what waits of a campaign, whatever it waits for; the guardrails decide anew once it is released. It waits for
-- a claim that has one of them in its hands, in the order in which claims and settlements lock.
WITH waiting AS MATERIALIZED (
    SELECT id FROM outbound_messages
    WHERE campaign_id = %(campaign)s AND status = 'queued'
    ORDER BY id
    FOR UPDATE
)
UPDATE outbound_messages m SET due_at = NULL, reason = 'campaign_paused' FROM waiting WHERE m.id = waiting.id
