import type { Entry } from '@godwit/protocol/entry.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { Disk } from './disk.ts'

/** A consumer's place is the number of commits it has confirmed. */
export function memoryEventStream(disk: Disk): EventStream {
  return {
    async next(consumer, limit, passOver) {
      const entries: Entry[] = []
      let place = Number(disk.positions.get(consumer) ?? 0)
      for (; place < disk.commits.length && entries.length < limit; place++) {
        const { conversationId, seq } = disk.commits[place] as Disk['commits'][number]
        const entry = disk.logs.get(conversationId)?.entries[seq - 1]
        if (entry && !passOver.includes(entry.kind)) entries.push(entry)
      }
      const upTo = String(place)
      if (entries.length === 0) disk.positions.set(consumer, upTo)
      return { entries, upTo }
    },
    async confirm(consumer, upTo) {
      disk.positions.set(consumer, upTo)
    },
  }
}
