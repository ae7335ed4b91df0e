/** What a node asks of its store and is answered, looked at on the way: which verdicts and states the code has had to deal with. */
import type { LogTables } from '@godwit/partitioned-log/tables.ts'
import type { Call } from '@godwit/partitioned-log/testing/tables-through.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import { watchAppends } from './append-watch.ts'
import type { World } from './world.ts'

/** Looks at a call, and at its answer, which it hands on. */
export type StoreWatch = (call: Call, answer: Promise<unknown>) => Promise<unknown>

/** Of one node. */
export function watchStore(world: World): StoreWatch {
  const watchAppend = watchAppends(world)
  const looks: Readonly<Record<string, Look>> = { ...lookAtPorts(world), ...lookAtTables(world) }
  return async (call, answer) => {
    const answered = await watchAppend(call, answer)
    looks[call.name]?.(call.args as never, answered as never)
    return answered
  }
}

type Look = (args: never, answer: never) => void
type Verb<P, K extends keyof P> = P[K] extends (...args: infer A) => Promise<infer R> ? (args: A, answer: R) => void : never

function lookAtPorts({ reached, logs, announced }: World): Readonly<Record<string, Look>> {
  /** The heads that this node was told last. */
  const heads = new Map<ConversationId, number>()

  const append: Verb<MessageLog, 'append'> = ([, , entries], answer) => {
    if (answer.verdict === 'head-moved') reached.hit('verdict head-moved')
    if (answer.verdict === 'known') reached.hit('verdict known')
    if (answer.verdict === 'no-room') reached.hit('batch cut at the end of a bucket')
    if (answer.verdict === 'appended' && entries.length > 1) reached.hit('several commands in one append')
  }

  const load: Verb<Conversations, 'load'> = ([id], answer) => {
    const applied = answer?.applied ?? 0
    if (applied < (logs.head(id)?.membershipSeq ?? 0)) reached.hit('projection behind the log was read')
    if (applied > (heads.get(id) ?? Number.POSITIVE_INFINITY)) reached.hit('projection ahead of the head was read')
  }

  const headsTold: Verb<MessageLog, 'heads'> = ([ids], answer) => {
    for (const [nth, head] of answer.entries()) heads.set(ids[nth] as ConversationId, head?.seq ?? 0)
  }

  const next: Verb<EventStream, 'next'> = ([consumer, , passOver], { entries }) => announced.told(consumer, passOver, entries)

  return { append, load, heads: headsTold, next, blank: () => reached.hit('message deleted and blanked') }
}

function lookAtTables({ reached, tables, logs }: World): Readonly<Record<string, Look>> {
  const read: Verb<LogTables['buckets'], 'read'> = ([{ conversationId, bucket }, ids], state) => {
    const isSearch = ids !== 'all'
    if (isSearch && state && tables.buckets.get(conversationId)?.has(bucket + 1)) reached.hit('bucket hint out of date')
  }

  const append: Verb<LogTables['buckets'], 'append'> = (_, isApplied) => {
    if (!isApplied) reached.hit('append refused by a bucket')
  }

  const find: Verb<LogTables['ids'], 'find'> = (_, found) => {
    if (found.length > 0) reached.hit('id found in the index')
  }

  const amendments: Verb<LogTables['amendments'], 'of'> = ([conversationId], rows) => {
    const entries = logs.entries(conversationId)
    if (rows.some(({ seq, messageId }) => seq <= entries.length && entries[seq - 1]?.messageId !== messageId))
      reached.hit('orphan amendment recognised')
  }

  const place: Verb<LogTables['places'], 'store'> = ([, { minute }]) => {
    if (minute > tables.layout.firstMinute) reached.hit('minute of activity left behind')
  }

  return {
    'buckets.read': read,
    'buckets.append': append,
    'buckets.open': () => reached.hit('bucket rolled'),
    'ids.find': find,
    'amendments.of': amendments,
    'places.store': place,
  }
}
