import type { DatabaseSync } from 'node:sqlite'

/** Makes of an up-to-date database one of schema 3, with all that is in it. */
export function toSchema3(db: DatabaseSync): void {
  const entries = String(db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'entries'").get()?.sql)
  db.exec(`
    DROP TABLE kept_time; DROP TABLE sign_outs;
    DROP INDEX intervals_of_user; CREATE INDEX intervals_of_user ON intervals (user, conversation);
    ALTER TABLE entries RENAME TO newer; DROP INDEX amendments;
    ${entries.replace('(client_id, conversation, sender)', '(conversation, sender, client_id)')};
    INSERT INTO entries SELECT * FROM newer; DROP TABLE newer;
    CREATE INDEX amendments ON entries (conversation, target, kind) WHERE target IS NOT NULL;
    UPDATE schema_version SET version = 3`)
}
