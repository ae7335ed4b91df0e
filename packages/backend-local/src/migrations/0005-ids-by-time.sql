-- Client ids first in their key (decision 20): those of the SDK rise with time, so what came in the last minutes is in its last pages,
-- whichever conversation it is of. A key of a table cannot be changed, so the table is made anew.
CREATE TABLE entries_by_time (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  count INTEGER NOT NULL,
  membership_seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  target INTEGER,
  -- JSON of what else the kind says.
  content TEXT NOT NULL,
  -- Over all that is served of an entry (checksum.ts), so that a flipped bit is noticed.
  checksum INTEGER NOT NULL,
  UNIQUE (conversation, seq),
  UNIQUE (client_id, conversation, sender)
) STRICT;

-- Filled with the table: made afterwards it would be sorted in memory, all of it.
DROP INDEX amendments;

CREATE INDEX amendments ON entries_by_time (conversation, target, kind) WHERE target IS NOT NULL;

INSERT INTO entries_by_time SELECT
  position, conversation, seq, message_id, at, sender, client_id, body_hash, count, membership_seq, kind, target, content, checksum
FROM entries ORDER BY position;

-- No position is given twice, also where the last ones are gone.
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'entries') WHERE name = 'entries_by_time';

DROP TABLE entries;

ALTER TABLE entries_by_time RENAME TO entries;
