import type { DatabaseSync } from 'node:sqlite'
import type { EntryKind } from '@godwit/protocol/entry.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Batch, EventStream } from '@godwit/server/ports/event-stream.ts'
import { type EntryRow, entryColumns, entryOf } from './entry-row.ts'
import type { Names } from './names.ts'
import type { Threads } from './threads.ts'

/** The log table itself, read from each consumer's position: with one writer, position order is commit order. */
export function localEventStream({ writer, reader }: Threads): EventStream {
  return {
    async next(consumer, limit, passOver) {
      const place = await reader.call('placeOf', consumer)
      let look = await reader.call('lookThrough', place, limit, passOver)
      while (look.entries.length === 0 && !look.isEnd) look = await reader.call('lookThrough', look.upTo, limit, passOver)
      const { entries, upTo } = look
      if (entries.length === 0 && upTo !== place) await writer.call('confirm', consumer, upTo)
      return { entries, upTo }
    },
    confirm: (consumer, upTo) => writer.call('confirm', consumer, upTo),
  }
}

/** Runs in the reader thread, inside its snapshot. */
export function eventStreamReads(db: DatabaseSync, names: Names) {
  const place = db.prepare('SELECT position FROM positions WHERE consumer = ?')
  const end = db.prepare('SELECT max(position) AS position FROM entries')
  // An entry that is passed over costs a step over its row here, and nothing beyond.
  const between = db.prepare(`SELECT position, ${entryColumns} FROM entries
    WHERE position > ? AND position <= ? AND kind NOT IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?`)

  return {
    placeOf(consumer: string): string {
      return String(place.get(consumer)?.position ?? 0)
    },

    /**
     * What follows `from`, at most `streamPositionsMax` positions of it. Never past the last position that the log has given out, or the next
     * entry would be missed. `isEnd`: nothing follows `upTo`.
     */
    lookThrough(from: string, limit: number, passOver: readonly EntryKind[]): Batch & { readonly isEnd: boolean } {
      const [start, last] = [Number(from), Number(end.get()?.position ?? 0)]
      const through = Math.max(start, Math.min(start + limits.streamPositionsMax, last))
      const rows = between.all(start, through, JSON.stringify(passOver), limit)
      const upTo = rows.length < limit ? through : Number(rows.at(-1)?.position)
      return { entries: rows.map((row) => entryOf(names, row as unknown as EntryRow)), upTo: String(upTo), isEnd: upTo >= last }
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
