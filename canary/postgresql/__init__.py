"""Django's PostgreSQL backend, whose every schema change leaves a protected database behind."""
