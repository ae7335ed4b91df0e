import type { DatabaseSync } from 'node:sqlite'
import { checksumSchema, damagedEntries } from './checksum.ts'
import { DataFolderError } from './data-folder.ts'
import { knownSchema, schemaOf } from './migrate.ts'

export interface StoreFacts {
  readonly schema: number
  readonly users: number
  readonly conversations: number
  readonly messages: number
  /** Unix ms of the newest entry; 0 when there is none. */
  readonly newestAt: number
}

/**
 * Reads a whole database and answers what is in it. Throws `DAMAGED` where a page, an index or a log (L2: 1 to head without gaps) is
 * not whole, `NO_BACKUP` where it is not of Godwit, and `OTHER_SCHEMA` where it is of a newer one.
 */
export function inspect(db: DatabaseSync, file: string): StoreFacts {
  const schema = schemaOf(db)
  if (schema === null) throw new DataFolderError('NO_BACKUP', `${file} was not written by Godwit.`)
  if (schema > knownSchema)
    throw new DataFolderError(
      'OTHER_SCHEMA',
      `${file} was written by a newer Godwit (schema ${schema}; this one knows up to ${knownSchema}).`,
    )
  const damage = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check
  if (damage !== 'ok') throw new DataFolderError('DAMAGED', `${file} is damaged: ${damage}`)
  const logs = db
    .prepare(`
      WITH logs AS (SELECT conversation, min(seq) AS first, max(seq) AS head, count(*) AS entries FROM entries GROUP BY conversation)
      SELECT count(*) AS conversations, coalesce(sum(first <> 1 OR head <> logs.entries), 0) AS broken,
        coalesce(sum(newest.count), 0) AS messages, coalesce(max(newest.at), 0) AS newestAt
      FROM logs JOIN entries AS newest ON newest.conversation = logs.conversation AND newest.seq = head`)
    .get()
  if (logs?.broken !== 0) throw new DataFolderError('DAMAGED', `${file} is damaged: ${logs?.broken} logs have gaps`)
  const changed = schema < checksumSchema ? 0 : damagedEntries(db)
  if (changed > 0) throw new DataFolderError('DAMAGED', `${file} is damaged: ${changed} entries are not as they were stored`)
  return {
    schema,
    users: Number(db.prepare('SELECT count(*) AS users FROM accounts').get()?.users),
    conversations: Number(logs.conversations),
    messages: Number(logs.messages),
    newestAt: Number(logs.newestAt),
  }
}
