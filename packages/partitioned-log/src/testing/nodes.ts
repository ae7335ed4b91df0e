/** Nodes over the same tables in memory, for tests: each may die at any trip, or be held there. */
import { type ManualClock, manualClock } from '@godwit/backend-memory/clock.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { MessageLog, NewEntry } from '@godwit/server/ports/message-log.ts'
import { memoryHints } from '../bucket-hints.ts'
import { partitionedStream } from '../event-stream.ts'
import { minuteOf } from '../layout.ts'
import { partitionedLog } from '../partitioned-log.ts'
import { emptyTables, memoryTables, type TableData } from './memory-tables.ts'
import { type Call, tablesThrough } from './tables-through.ts'

export interface Cluster {
  readonly clock: ManualClock
  readonly data: TableData
  /** One more node. */
  node(trip?: Trip): Node
}

export interface Node {
  readonly log: MessageLog
  readonly stream: EventStream
  /** What it has asked of the tables. */
  readonly calls: Call[]
}

type Trip = (call: Call) => Promise<unknown>

export const straight: Trip = ({ run, args }) => run(args)

export function openCluster(bucketEntries: number): Cluster {
  const clock = manualClock()
  const data = emptyTables({ bucketEntries, shards: 2, firstMinute: minuteOf(clock.now()) })
  return {
    clock,
    data,
    node(trip = straight) {
      const calls: Call[] = []
      const tables = tablesThrough(memoryTables(data), (call) => {
        calls.push(call)
        return trip(call)
      })
      const deps = { tables, hints: memoryHints(), clock }
      return { log: partitionedLog(deps), stream: partitionedStream(deps), calls }
    },
  }
}

/** Dies in its nth trip, which is done or not; nothing that it asks afterwards is done. */
export function diesAt(nth: number, isDone: boolean): Trip {
  let trips = 0
  return dying(() => ++trips < nth, isDone)
}

/** Dies when its first call of `name` is done. */
export function diesAfter(name: string): Trip {
  return dying((call) => call.name !== name, true)
}

function dying(lives: (call: Call) => boolean, isDone: boolean): Trip {
  let isDead = false
  return async (call) => {
    const wasDead = isDead
    isDead ||= !lives(call)
    if (isDead && (wasDead || !isDone)) throw new Error('the node is dead')
    const answer = await call.run(call.args)
    if (isDead) throw new Error('the node is dead')
    return answer
  }
}

interface Held {
  readonly trip: Trip
  /** Settles when the trip has been asked for. */
  readonly isHeld: Promise<void>
  /** It goes on. */
  readonly go: () => void
}

/** Holds the first call of `name` before it is done. */
export const holding = (name: string): Held => holdingFirst((call) => call.name === name)

export function holdingTrip(nth: number): Held {
  let trips = 0
  return holdingFirst(() => ++trips === nth)
}

function holdingFirst(isIt: (call: Call) => boolean): Held {
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let isOver = false
  return {
    isHeld: held.promise,
    go: released.resolve,
    async trip(call) {
      if (!isOver && isIt(call)) {
        isOver = true
        held.resolve()
        await released.promise
      }
      return call.run(call.args)
    },
  }
}

/** As an appender does: head, append, again where it has moved or there is no room. Answers the seq of each. */
export async function send(log: MessageLog, conversationId: ConversationId, entries: readonly NewEntry[]): Promise<readonly number[]> {
  const seqs: number[] = []
  for (let waiting = entries; waiting.length > 0; ) {
    const [head] = await log.heads([conversationId])
    const from = head?.seq ?? 0
    const verdict = await log.append(conversationId, from, waiting)
    if (verdict.verdict === 'head-moved') continue
    const [first, ...rest] = waiting as [NewEntry, ...NewEntry[]]
    if (verdict.verdict === 'appended') {
      seqs.push(...waiting.map((_, nth) => from + 1 + nth))
      waiting = []
    } else if (verdict.verdict === 'no-room') {
      seqs.push(...(await send(log, conversationId, waiting.slice(0, verdict.room))))
      waiting = waiting.slice(verdict.room)
    } else {
      const known = verdict.known.find(({ clientMsgId }) => clientMsgId === first.clientMsgId)
      seqs.push(known ? known.seq : ((await send(log, conversationId, [first]))[0] as number))
      waiting = rest
    }
  }
  return seqs
}
