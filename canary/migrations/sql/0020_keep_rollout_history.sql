-- The history of the rollout is append-only for everybody: it is what tells where we stand, and since when.
CREATE TRIGGER phase_transitions_append_only BEFORE UPDATE OR DELETE ON phase_transitions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
