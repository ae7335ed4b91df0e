import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { ReadRange, ReadResult } from '@godwit/server/ports/message-log.ts'
import { amendmentsOf } from './amendments-of.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'
import { entriesBetween, seqsBetween } from './entries-between.ts'

/** The head first: what stands up to it is there for whoever reads later, so all of it is one snapshot. */
export async function readRange(deps: SearchDeps, conversationId: ConversationId, range: ReadRange): Promise<ReadResult> {
  const { tables } = deps
  const head = (await currentBucket(deps, conversationId))?.head
  if (!head) return { entries: [], amendments: [], head: null }
  const [from, to] = boundsOf(range, head.seq)
  const [entries, amendments] = await Promise.all([
    entriesBetween(tables, conversationId, from, to),
    amendmentsOf(tables, conversationId, seqsBetween(from, to), head.seq),
  ])
  return { entries, amendments, head }
}

function boundsOf({ from, to, limit, direction }: ReadRange, head: number): readonly [number, number] {
  const [low, high] = [Math.max(from, 1), Math.min(to, head)]
  return direction === 'up' ? [low, Math.min(high, low + limit - 1)] : [Math.max(low, high - limit + 1), high]
}
