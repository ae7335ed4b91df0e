import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Disk } from './disk.ts'

/** A position is the number of commits read. */
export function memoryEventStream(disk: Disk): EventStream {
  return {
    async read(position, limit) {
      const start = Number(position || 0)
      const commits = disk.commits.slice(start, start + limit)
      const entries = commits.flatMap(({ conversationId, seq }) => disk.logs.get(conversationId)?.entries[seq - 1] ?? [])
      return { entries, position: String(start + commits.length) }
    },
    loadPosition: async (consumer) => disk.positions.get(consumer) ?? '',
    async storePosition(consumer, position) {
      disk.positions.set(consumer, position)
    },
  }
}
