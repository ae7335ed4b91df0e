import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Disk } from './disk.ts'

/** A consumer's place is the number of commits it has confirmed. */
export function memoryEventStream(disk: Disk): EventStream {
  return {
    async next(consumer, limit, passOver) {
      const start = Number(disk.positions.get(consumer) ?? 0)
      const behind = disk.commits.slice(start).flatMap(({ conversationId, seq }, nth) => {
        const entry = disk.logs.get(conversationId)?.entries[seq - 1]
        return entry && !passOver.includes(entry.kind) ? { entry, upTo: String(start + nth + 1) } : []
      })
      const met = behind.slice(0, limit)
      const upTo = behind[limit - 1]?.upTo ?? String(disk.commits.length)
      if (met.length === 0) disk.positions.set(consumer, upTo)
      return { entries: met.map(({ entry }) => entry), upTo }
    },
    async confirm(consumer, upTo) {
      disk.positions.set(consumer, upTo)
    },
  }
}
