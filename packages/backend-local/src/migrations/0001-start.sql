-- Wire ids of conversations, users and devices, each stored once: rows and keys hold the number.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- The log of every conversation (L1-L3). Position order is commit order: there is one writer. The head of a conversation is its
-- last row by (conversation, seq), and its membership entries form a chain by membership_seq, so neither needs a row of its own.
CREATE TABLE entries (
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
  UNIQUE (conversation, seq),
  UNIQUE (conversation, sender, client_id)
) STRICT;

CREATE INDEX amendments ON entries (conversation, target, kind) WHERE target IS NOT NULL;

CREATE TABLE positions (
  consumer TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The projection of conversations and membership: a fold of the log up to `applied`.
CREATE TABLE conversations (
  conversation INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT,
  created_by INTEGER NOT NULL,
  history TEXT NOT NULL,
  applied INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  member_count INTEGER NOT NULL
) STRICT;

CREATE TABLE intervals (
  conversation INTEGER NOT NULL,
  user INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  joined_seq INTEGER NOT NULL,
  to_seq INTEGER,
  role TEXT NOT NULL,
  PRIMARY KEY (conversation, user, from_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX intervals_of_user ON intervals (user, conversation);

CREATE TABLE flags (
  user INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  muted INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
  conversation INTEGER NOT NULL,
  user INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  shown INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

-- How far each conversation was delivered to each device; `cursors.delivered` is the furthest of a user's.
CREATE TABLE deliveries (
  device INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  PRIMARY KEY (device, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  user_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  password_hash TEXT,
  subject TEXT UNIQUE,
  read_receipts INTEGER NOT NULL,
  show_last_seen INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE blocks (
  user_id TEXT NOT NULL,
  blocked_id TEXT NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  device_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER,
  revoked_at INTEGER,
  refresh_hash TEXT NOT NULL,
  previous_hash TEXT,
  rotated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX devices_of_user ON devices (user_id);

CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
