DROP FUNCTION outbound_sender_for(uuid, uuid);
