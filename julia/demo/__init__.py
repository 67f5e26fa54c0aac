"""`make demo`: a small campaign day from beginning to end, with real processes and nobody at the other end."""
