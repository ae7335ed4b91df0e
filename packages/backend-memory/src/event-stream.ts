import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Disk } from './disk.ts'

/** A consumer's place is the number of commits it has confirmed. */
export function memoryEventStream(disk: Disk): EventStream {
  return {
    async next(consumer, limit) {
      const start = Number(disk.positions.get(consumer) ?? 0)
      const commits = disk.commits.slice(start, start + limit)
      const entries = commits.flatMap(({ conversationId, seq }) => disk.logs.get(conversationId)?.entries[seq - 1] ?? [])
      return { entries, upTo: String(start + commits.length) }
    },
    async confirm(consumer, upTo) {
      disk.positions.set(consumer, upTo)
    },
  }
}
