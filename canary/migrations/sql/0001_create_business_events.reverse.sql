DROP TABLE business_events;
DROP FUNCTION refuse_change();
