/** The raw log and cursors out of the data folder, read by SQL and not by the server's code. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Content } from './shown.ts'

export interface LogEntry {
  readonly conv: string
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly senderId: string
  readonly cmid: string
  readonly count: number
  readonly membershipSeq: number
  readonly kind: string
  readonly target: number | null
  /** What else the kind says. */
  readonly content: Content
}

export interface CursorRow {
  readonly conv: string
  readonly user: string
  readonly delivered: number
  readonly read: number
  readonly shown: number
}

export interface Dump {
  /** In the order of their storing. */
  readonly entries: readonly LogEntry[]
  readonly cursors: readonly CursorRow[]
}

/** The server must be down: then nothing is in flight and the write-ahead log is complete. */
export function readDump(dataFolder: string): Dump {
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
