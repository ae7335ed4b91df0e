/**
 * The event stream of a partitioned log: minute by minute the conversations in which something was about to be appended, and of every one the
 * entries up to its head that the consumer has not confirmed.
 *
 * A minute is left behind `markSlackMs` after its end, when nothing can land in it any more. Until then it is looked through each time: what
 * is there comes at once, since the projection of a membership must not come later than the marks of L7 allow.
 *
 * A consumer has a place in each conversation: the next entry is answered, a higher one is filled up to from the log, a lower one left out. So
 * minutes may come in any order and again, and a row that was written when an entry was told late finds what its own minute did not.
 */
import type { Entry, EntryKind } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { Batch, EventStream } from '@godwit/server/ports/event-stream.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'
import { entriesBetween } from './entries-between.ts'
import { minuteOf } from './layout.ts'
import type { Place } from './tables.ts'

export interface StreamDeps extends SearchDeps {
  readonly clock: Pick<Clock, 'now'>
}

/** What `upTo` is made of, as JSON. */
interface Confirmed {
  readonly place: Place
  readonly seqs: readonly (readonly [ConversationId, number])[]
}

export function partitionedStream(deps: StreamDeps): EventStream {
  const { places } = deps.tables
  return {
    next: (consumer, limit, passOver) => next(deps, consumer, limit, passOver),
    async confirm(consumer, upTo) {
      const { place, seqs } = JSON.parse(upTo) as Confirmed
      await places.store(consumer, place, seqs)
    },
  }
}

async function next(deps: StreamDeps, consumer: string, limit: number, passOver: readonly EntryKind[]): Promise<Batch> {
  const { layout, places } = deps.tables
  const stored = await places.load(consumer)
  let place: Place = stored ?? { minute: layout.firstMinute, shard: 0, after: '' }
  const now = deps.clock.now()
  const open = Math.max(minuteOf(now - limits.markSlackMs), place.minute)
  const leftBehind = (to: Place) => (to.minute < open ? to : { minute: open, shard: 0, after: '' as const })
  while (place.minute <= minuteOf(now)) {
    const { entries, seqs, upTo, isEnd } = await newsOf(deps, consumer, place, limit)
    const met = entries.filter(({ kind }) => !passOver.includes(kind))
    if (met.length > 0) return { entries: met, upTo: JSON.stringify({ place: leftBehind(upTo), seqs } satisfies Confirmed) }
    if (entries.length > 0) await places.store(consumer, leftBehind(upTo), seqs)
    place = isEnd ? behind(upTo, layout.shards) : upTo
  }
  place = leftBehind(place)
  // Nothing to confirm lies before it, and without this it would be looked through again and again.
  if (place.minute !== stored?.minute) await places.store(consumer, place, [])
  return { entries: [], upTo: JSON.stringify({ place, seqs: [] } satisfies Confirmed) }
}

/** What is new from `place` on, in its partition, up to `upTo`. `isEnd`: the partition has no more conversations. */
async function newsOf(deps: StreamDeps, consumer: string, place: Place, limit: number) {
  const { activity, places } = deps.tables
  const active = await activity.read(place.minute, place.shard, place.after, limits.pageEntriesMax)
  const done = active.length > 0 ? await places.seqs(consumer, active) : []
  const entries: Entry[] = []
  const seqs: [ConversationId, number][] = []
  let { after } = place
  for (const [nth, conversationId] of active.entries()) {
    const from = (done[nth] ?? 0) + 1
    const to = (await currentBucket(deps, conversationId))?.head.seq ?? 0
    const room = limit - entries.length
    const news = await entriesBetween(deps.tables, conversationId, from, Math.min(to, from + room - 1))
    entries.push(...news)
    const last = news.at(-1)?.seq ?? from - 1
    if (news.length > 0) seqs.push([conversationId, last])
    if (last < to) break
    after = conversationId
  }
  const isEnd = active.length < limits.pageEntriesMax && after === (active.at(-1) ?? place.after)
  return { entries, seqs, upTo: { ...place, after }, isEnd }
}

function behind({ minute, shard }: Place, shards: number): Place {
  return shard + 1 < shards ? { minute, shard: shard + 1, after: '' } : { minute: minute + 1, shard: 0, after: '' }
}
