"""How instants are written on screens, where Django's own way is longer than a table has room for."""
