-- Devices that were revoked or erased, in the order of commits: what a node reads to end their sessions (T3).
CREATE TABLE sign_outs (
  position INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL
) STRICT;
