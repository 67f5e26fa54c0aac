-- What the exclusion constraint of messages compares keys with; its functions stand apart from our tables.
CREATE SCHEMA IF NOT EXISTS extensions;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions;
