import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey, StoredId } from '@godwit/server/ports/message-log.ts'
import type { ActivityRows } from './activity-rows.ts'
import { keyOf } from './command-key.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'

/** In the order asked. The current bucket is read before the index: an id leaves it for the index, never the other way. */
export async function findIds(
  deps: SearchDeps & { readonly activity: ActivityRows },
  conversationId: ConversationId,
  keys: readonly CommandKey[],
): Promise<readonly (StoredId | null)[]> {
  if (keys.length === 0) return []
  const current = await currentBucket(deps, conversationId, keys)
  const stored = new Map(current?.ids.map((id) => [keyOf(id), id]))
  const elsewhere = keys.filter((key) => !stored.has(keyOf(key)))
  if (current && current.bucket > 0 && elsewhere.length > 0)
    for (const id of await deps.tables.ids.find(conversationId, elsewhere)) stored.set(keyOf(id), id)
  // What is found may be acked.
  if (stored.size > 0) await deps.activity.mark(conversationId)
  return keys.map((key) => stored.get(keyOf(key)) ?? null)
}
