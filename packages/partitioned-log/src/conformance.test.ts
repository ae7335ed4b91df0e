import { manualClock } from '@godwit/backend-memory/clock.ts'
import { eventStreamConformance } from '@godwit/conformance/event-stream.ts'
import { logTablesConformance } from '@godwit/conformance/log-tables.ts'
import { messageLogConformance } from '@godwit/conformance/message-log.ts'
import { memoryHints } from './bucket-hints.ts'
import { partitionedStream } from './event-stream.ts'
import { minuteOf } from './layout.ts'
import { partitionedLog } from './partitioned-log.ts'
import { emptyTables, memoryTables } from './testing/memory-tables.ts'

for (const bucketEntries of [2, 3, 512]) {
  const name = `partitioned, N = ${bucketEntries}`

  function open() {
    const clock = manualClock()
    const tables = memoryTables(emptyTables({ bucketEntries, shards: 2, firstMinute: minuteOf(clock.now()) }))
    const deps = { tables, hints: memoryHints(), clock }
    return { tables, messageLog: partitionedLog(deps), eventStream: partitionedStream(deps) }
  }

  logTablesConformance(name, async () => ({ port: open().tables, close: async () => {} }))
  messageLogConformance(name, async () => ({ port: open().messageLog, close: async () => {} }))
  eventStreamConformance(name, async () => ({ port: open(), close: async () => {} }))
}
