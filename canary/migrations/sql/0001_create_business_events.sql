-- The record of what happened: append-only for everybody, free of personal data, one partition a month.
CREATE TABLE business_events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    ts timestamptz NOT NULL DEFAULT now(),
    event_type text NOT NULL,
    source text NOT NULL,
    cliente_id uuid,
    conversation_id uuid,
    event_props jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, ts),
    -- The patterns of canary/personal_data.py: identifiers are taken out, then nothing may look like a phone, a CPF
    -- or an e-mail.
    CONSTRAINT business_events_no_personal_data CHECK (
        regexp_replace(
            event_props::text,
            '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
            '|(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])',
            '', 'g'
        ) !~ (
            '(?<![0-9])[0-9]{10,15}(?![0-9])'
            '|(?<![0-9])[(]?[1-9][0-9][)]?[ .-]?9?[0-9]{4}[ .-]?[0-9]{4}(?![0-9])'
            '|(?<![0-9])[0-9]{3}[.][0-9]{3}[.][0-9]{3}-?[0-9]{2}(?![0-9])'
            '|[^ @"<>]+@[^ @"<>]+[.][A-Za-z]{2,}'
        )
    )
) PARTITION BY RANGE (ts);

-- Catches what no month's partition takes, so that an event is never refused for its date.
CREATE TABLE business_events_default PARTITION OF business_events DEFAULT;

CREATE INDEX business_events_type_ts ON business_events (event_type, ts);
CREATE INDEX business_events_cliente_ts ON business_events (cliente_id, ts) WHERE cliente_id IS NOT NULL;
-- Rows arrive in order of time, so a block range index finds a day at next to no cost for the writer.
CREATE INDEX business_events_ts ON business_events USING brin (ts);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER business_events_append_only BEFORE UPDATE OR DELETE ON business_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
