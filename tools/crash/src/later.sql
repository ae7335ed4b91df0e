-- A migration of a version to come. It is killed before its commit, so nothing of it may be seen afterwards.
CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;
UPDATE entries SET content = '{"text": "half migrated"}', count = 0;
DROP TABLE cursors;
