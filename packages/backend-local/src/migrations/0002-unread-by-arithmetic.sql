-- Unread is arithmetic (L8): the running counts, less own messages, less deleted ones. Each is a count within an index.
CREATE INDEX own_messages ON entries (conversation, sender, seq) WHERE kind = 'message';

CREATE INDEX deletions ON entries (conversation, target, seq) WHERE kind = 'delete';

-- Who is mentioned by the message at `target` in the wording of `seq`: its own, or that of an edit.
CREATE TABLE mentions (
  conversation INTEGER NOT NULL,
  user INTEGER NOT NULL,
  target INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, user, target, seq)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO names (name)
SELECT mention.value FROM entries, json_each(entries.content, '$.mentions') AS mention WHERE kind IN ('message', 'edit');

INSERT OR IGNORE INTO mentions
SELECT conversation, names.id, coalesce(target, seq), seq
FROM entries, json_each(entries.content, '$.mentions') AS mention JOIN names ON names.name = mention.value
WHERE kind IN ('message', 'edit');
