import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { LogTables } from './tables.ts'

/**
 * Every amendment of these targets with seq <= `upTo`, a head that was read before, rising. The rows were written before their entries:
 * all of them are there, and those whose append did not apply as well. An orphan is known by its id: the log holds another at that seq.
 */
export async function amendmentsOf(
  { amendments, buckets }: LogTables,
  conversationId: ConversationId,
  targets: readonly number[],
  upTo: number,
): Promise<readonly Entry[]> {
  if (targets.length === 0) return []
  const rows = (await amendments.of(conversationId, targets)).filter(({ seq }) => seq <= upTo)
  if (rows.length === 0) return []
  const told = new Set(rows.map(({ messageId }) => messageId))
  const seqs = [...new Set(rows.map(({ seq }) => seq))].sort((a, b) => a - b)
  return (await buckets.entries(conversationId, seqs)).filter(({ messageId }) => told.has(messageId))
}
