import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import { type EntryRow, entryColumns, entryOf } from './entry-row.ts'
import type { Names } from './names.ts'
import type { Threads } from './threads.ts'

/** The log table itself, read from a stored position: with one writer, position order is commit order. */
export function localEventStream({ writer, reader }: Threads): EventStream {
  return {
    read: (position, limit) => reader.call('readStream', position, limit),
    loadPosition: (consumer) => reader.call('loadPosition', consumer),
    storePosition: (consumer, position) => writer.call('storePosition', consumer, position),
  }
}

export function eventStreamReads(db: DatabaseSync, names: Names) {
  const behind = db.prepare(`SELECT position, ${entryColumns} FROM entries WHERE position > ? ORDER BY position LIMIT ?`)
  const load = db.prepare('SELECT position FROM positions WHERE consumer = ?')

  return {
    readStream(position: string, limit: number): { readonly entries: readonly Entry[]; readonly position: string } {
      const rows = behind.all(Number(position || 0), limit)
      const entries = rows.map((row) => entryOf(names, row as unknown as EntryRow))
      return { entries, position: String(rows.at(-1)?.position ?? position) }
    },

    loadPosition(consumer: string): string {
      return String(load.get(consumer)?.position ?? '')
    },
  }
}

export function eventStreamWrites(db: DatabaseSync) {
  const store = db.prepare('INSERT INTO positions VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position')

  return {
    storePosition(consumer: string, position: string): void {
      store.run(consumer, position)
    },
  }
}
