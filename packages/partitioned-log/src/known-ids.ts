import type { CommandKey, StoredId } from '@godwit/server/ports/message-log.ts'
import { keyOf } from './command-key.ts'
import type { BucketKey, LogTables } from './tables.ts'

/**
 * What is stored under these ids, in the order of `keys`: in the bucket, of which `ids` has all, or else in the index, which has those of
 * all buckets before it. Without a retry it is one trip, and none in the first bucket.
 */
export async function knownIds(
  { buckets, ids: index }: LogTables,
  at: BucketKey,
  ids: ReadonlySet<string>,
  keys: readonly CommandKey[],
): Promise<readonly StoredId[]> {
  const here = keys.filter((key) => ids.has(keyOf(key)))
  const elsewhere = keys.filter((key) => !ids.has(keyOf(key)))
  const [bucket, indexed] = await Promise.all([
    here.length > 0 ? buckets.read(at, here) : null,
    at.bucket > 0 && elsewhere.length > 0 ? index.find(at.conversationId, elsewhere) : [],
  ])
  const stored = new Map([...(bucket?.ids ?? []), ...indexed].map((id) => [keyOf(id), id]))
  return keys.flatMap((key) => stored.get(keyOf(key)) ?? [])
}
