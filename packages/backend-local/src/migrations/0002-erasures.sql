-- Unix ms; NULL while there is somebody behind the account.
ALTER TABLE accounts ADD COLUMN erased_at INTEGER;

-- Erasures of users, done ones too: which they were is known by the id alone.
CREATE TABLE erasures (
  user_id TEXT PRIMARY KEY,
  requested_at INTEGER NOT NULL,
  conversation_id TEXT,
  seq INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  done_at INTEGER
) STRICT;
