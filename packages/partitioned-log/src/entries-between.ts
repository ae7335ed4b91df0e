import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { LogTables } from './tables.ts'

/** All of `from`..`to`, which lie at or below a head that was read before. Throws rather than to leave one out (L2). */
export async function entriesBetween(
  { buckets }: LogTables,
  conversationId: ConversationId,
  from: number,
  to: number,
): Promise<readonly Entry[]> {
  const seqs = seqsBetween(from, to)
  const entries = seqs.length > 0 ? await buckets.entries(conversationId, seqs) : []
  if (entries.length !== seqs.length) throw new Error(`conversation ${conversationId} has ${entries.length} entries in ${from}..${to}`)
  return entries
}

/** There are no gaps, so what a range holds is known before it is read. */
export function seqsBetween(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, nth) => from + nth)
}
