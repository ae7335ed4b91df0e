-- Over all that is served of an entry (checksum.ts), so that a flipped bit is noticed.
ALTER TABLE entries ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

UPDATE entries SET checksum = entry_checksum(
  (SELECT name FROM names WHERE id = conversation), seq, CAST(message_id AS TEXT), at, (SELECT name FROM names WHERE id = sender),
  client_id, count, membership_seq, kind, target, content
);
