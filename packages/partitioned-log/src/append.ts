/** The append (DESIGN.md section 4). What is in flight when it throws may be applied later (L4). */
import { type Entry, isAmendment } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { AppendVerdict, NewEntry, StoredId } from '@godwit/server/ports/message-log.ts'
import { checkBatch, emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import type { ActivityRows } from './activity-rows.ts'
import { keyOf } from './command-key.ts'
import { knownIds } from './known-ids.ts'
import { bucketOf, roomAt } from './layout.ts'
import type { KnownBucket, RecentBuckets } from './recent-buckets.ts'
import { roll } from './roll.ts'
import type { BucketKey, LogTables } from './tables.ts'

export interface AppendDeps {
  readonly tables: LogTables
  readonly clock: Pick<Clock, 'now'>
  readonly recent: RecentBuckets
  readonly activity: ActivityRows
}

export async function append(
  deps: AppendDeps,
  conversationId: ConversationId,
  expectedHead: number,
  entries: readonly NewEntry[],
): Promise<AppendVerdict> {
  const { tables, clock, recent, activity } = deps
  checkBatch(entries)
  const room = roomAt(expectedHead, tables.layout)
  if (entries.length > room) return { verdict: 'no-room', room }

  const begun = clock.now()
  const at = { conversationId, bucket: bucketOf(expectedHead + 1, tables.layout) }
  const [bucket] = await Promise.all([recent.take(conversationId, expectedHead) ?? load(tables, at), activity.mark(conversationId)])
  if (bucket?.head.seq !== expectedHead) return { verdict: 'head-moved' }
  // The bucket is open, so the ids of those before it are in the index: looked up the other way round, one could slip through.
  const known = await knownIds(tables, at, bucket.ids, entries)
  if (known.length > 0) {
    // Theirs may have been left behind before they landed.
    await activity.mark(conversationId)
    return { verdict: 'known', known }
  }

  const { placed, head } = placeEntries(conversationId, bucket.head, entries)
  const ids = storedIds(placed, entries)
  const amendments = placed.filter(isAmendment)
  if (amendments.length > 0) await tables.amendments.put(conversationId, amendments)
  await activity.mark(conversationId)
  // Its caller has given up, and counts on this: what may still be applied was sent by then.
  if (clock.now() - begun > limits.appendTimeoutMs) throw new GodwitError('UNKNOWN_OUTCOME')
  const isApplied = await tables.buckets.append(at, expectedHead === 0 ? null : expectedHead, { head, entries: placed, ids })
  if (!isApplied) return { verdict: 'head-moved' }
  for (const id of ids) bucket.ids.add(keyOf(id))
  if (bucketOf(head.seq + 1, tables.layout) === at.bucket) recent.put(conversationId, { head, ids: bucket.ids })
  // Where the verdict came late, its row may have been left behind too.
  await activity.mark(conversationId)
  return { verdict: 'appended', head }
}

function storedIds(placed: readonly Entry[], entries: readonly NewEntry[]): readonly StoredId[] {
  return placed.map(({ senderId, clientMsgId, seq, messageId, at }, nth) => {
    const { bodyHash } = entries[nth] as NewEntry
    return { senderId, clientMsgId, seq, messageId, at, bodyHash }
  })
}

/** null: the log is not there yet. */
async function load(tables: LogTables, at: BucketKey): Promise<KnownBucket | null> {
  const stored = await tables.buckets.read(at, 'all')
  if (stored) return { head: stored.head, ids: new Set(stored.ids.map(keyOf)) }
  const head = at.bucket === 0 ? emptyHead : await roll(tables, at)
  return head && { head, ids: new Set() }
}
