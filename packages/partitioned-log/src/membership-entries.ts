import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { currentBucket, type SearchDeps } from './current-bucket.ts'

/**
 * Membership entries with `after` < seq <= `upTo`, rising. Each entry names the last one up to itself, so they are a chain that is
 * followed from the end: a trip for each, whatever lies between.
 */
export async function membershipEntries(
  deps: SearchDeps,
  conversationId: ConversationId,
  after: number,
  upTo: number,
): Promise<readonly Entry[]> {
  const { buckets } = deps.tables
  const found: Entry[] = []
  const [last] = upTo > after ? await buckets.entries(conversationId, [upTo]) : []
  let next = (last ?? (await currentBucket(deps, conversationId))?.head)?.membershipSeq ?? 0
  while (next > after) {
    // The entry, and the one before it, which names the next of the chain.
    const link = await buckets.entries(
      conversationId,
      [next - 1, next].filter((seq) => seq > 0),
    )
    const entry = link.at(-1)
    if (entry?.seq !== next) throw new Error(`conversation ${conversationId} has no entry at ${next}`)
    found.push(entry)
    next = link.length > 1 ? (link[0] as Entry).membershipSeq : 0
  }
  return found.reverse()
}
