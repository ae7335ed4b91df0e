import { type Entry, isAmendment } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import { amendmentsOf } from './amendments-of.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'
import { entriesBetween, seqsBetween } from './entries-between.ts'

/** Counted from the newest down, page by page, until there is no more to count. */
export async function unread(deps: SearchDeps, { conversationId, userId, after, upTo }: UnreadQuestion): Promise<UnreadCount> {
  const head = (await currentBucket(deps, conversationId))?.head.seq ?? 0
  const end = Math.min(upTo, head)
  const lowest = Math.max(after, end - limits.unreadEntriesMax, 0) + 1
  const counted = { unread: 0, mentions: 0 }
  for (let high = end; high >= lowest; high -= limits.pageEntriesMax) {
    const low = Math.max(lowest, high - limits.pageEntriesMax + 1)
    const [entries, amendments] = await Promise.all([
      entriesBetween(deps.tables, conversationId, low, high),
      amendmentsOf(deps.tables, conversationId, seqsBetween(low, high), end),
    ])
    const amended = Map.groupBy(amendments, (entry) => (isAmendment(entry) ? entry.target : 0))
    for (const entry of entries.toReversed()) {
      count(counted, entry, amended.get(entry.seq) ?? [], userId)
      if (counted.unread > limits.unreadMax) return counted
    }
  }
  return counted
}

function count(counted: { unread: number; mentions: number }, entry: Entry, amendments: readonly Entry[], userId: UserId): void {
  if (entry.kind !== 'message' || entry.senderId === userId || amendments.some(({ kind }) => kind === 'delete')) return
  counted.unread += 1
  const wording = amendments.findLast(({ kind }) => kind === 'edit') ?? entry
  if ('mentions' in wording && wording.mentions?.includes(userId)) counted.mentions += 1
}
