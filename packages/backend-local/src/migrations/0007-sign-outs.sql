-- Devices that were revoked or erased since the server began, in the order of commits: what it reads to end their sessions (T3).
CREATE TABLE sign_outs (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id TEXT NOT NULL
) STRICT;
