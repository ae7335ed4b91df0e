import type { DatabaseSync } from 'node:sqlite'
import type { Batch, EventStream } from '@godwit/server/ports/event-stream.ts'
import { type EntryRow, entryColumns, entryOf } from './entry-row.ts'
import type { Names } from './names.ts'
import type { Threads } from './threads.ts'

/** The log table itself, read from each consumer's position: with one writer, position order is commit order. */
export function localEventStream({ writer, reader }: Threads): EventStream {
  return {
    next: (consumer, limit) => reader.call('next', consumer, limit),
    confirm: (consumer, upTo) => writer.call('confirm', consumer, upTo),
  }
}

export function eventStreamReads(db: DatabaseSync, names: Names) {
  const behind = db.prepare(`SELECT position, ${entryColumns} FROM entries WHERE position > ? ORDER BY position LIMIT ?`)
  const load = db.prepare('SELECT position FROM positions WHERE consumer = ?')

  return {
    next(consumer: string, limit: number): Batch {
      const position = Number(load.get(consumer)?.position ?? 0)
      const rows = behind.all(position, limit)
      const entries = rows.map((row) => entryOf(names, row as unknown as EntryRow))
      return { entries, upTo: String(rows.at(-1)?.position ?? position) }
    },
  }
}

export function eventStreamWrites(db: DatabaseSync) {
  const store = db.prepare('INSERT INTO positions VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position')

  return {
    confirm(consumer: string, upTo: string): void {
      store.run(consumer, upTo)
    },
  }
}
