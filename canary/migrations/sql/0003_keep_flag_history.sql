-- The history of the switches is append-only, like the events.
CREATE TRIGGER feature_flag_changes_append_only BEFORE UPDATE OR DELETE ON feature_flag_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
