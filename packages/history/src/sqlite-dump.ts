/** The dump of a data folder, read by SQL and not by the server's code. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CursorRow, LogEntry } from './dump.ts'
import type { Content } from './shown.ts'

/** The server must be down: then nothing is in flight and the write-ahead log is complete. */
export function readDump(dataFolder: string): { readonly entries: readonly LogEntry[]; readonly cursors: readonly CursorRow[] } {
  const db = new DatabaseSync(join(dataFolder, 'godwit.db'))
  try {
    const entries = db
      .prepare(
        `SELECT c.name AS conv, e.seq, CAST(e.message_id AS TEXT) AS messageId, e.at, s.name AS senderId, e.client_id AS cmid,
          e.count, e.membership_seq AS membershipSeq, e.kind, e.target, e.content
        FROM entries e JOIN names c ON c.id = e.conversation JOIN names s ON s.id = e.sender ORDER BY e.position`,
      )
      .all()
      .map((row) => ({ ...row, content: contentOf(row) }) as unknown as LogEntry)
    const cursors = db
      .prepare(
        `SELECT c.name AS conv, u.name AS user, r.delivered, r.read, r.shown
        FROM cursors r JOIN names c ON c.id = r.conversation JOIN names u ON u.id = r.user`,
      )
      .all() as unknown as CursorRow[]
    return { entries, cursors }
  } finally {
    db.close()
  }
}

function contentOf({ content: json, target }: Record<string, unknown>): Content {
  const content: Content = JSON.parse(String(json))
  return target === null ? content : { ...content, target: Number(target) }
}
