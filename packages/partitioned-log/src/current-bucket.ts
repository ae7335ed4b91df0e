/**
 * The bucket in which a log ends: the last one that is there. Buckets are there from 0 to the last without a hole, so between one that is
 * and one that is not lies the end. From a hint that holds it is one trip, or two where the bucket is full; without one the steps double.
 */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey } from '@godwit/server/ports/message-log.ts'
import type { BucketHints } from './bucket-hints.ts'
import { headBefore } from './layout.ts'
import type { BucketKey, BucketState, LogTables } from './tables.ts'

export interface SearchDeps {
  readonly tables: LogTables
  readonly hints: BucketHints
}

export type CurrentBucket = BucketKey & BucketState

/** With the ids of `keys` that stand in it. null: nothing was ever appended. */
export async function currentBucket(
  { tables: { layout, buckets }, hints }: SearchDeps,
  conversationId: ConversationId,
  keys: readonly CommandKey[] = [],
): Promise<CurrentBucket | null> {
  const hint = await hints.get(conversationId)
  let found: CurrentBucket | null = null
  let missing = Number.POSITIVE_INFINITY
  for (let bucket = hint, step = 1; bucket < missing; step *= 2) {
    const state = await buckets.read({ conversationId, bucket }, keys)
    if (state) found = { conversationId, bucket, ...state }
    else missing = bucket
    const isFull = state?.head.seq === headBefore(bucket + 1, layout)
    if (state && !isFull) break
    const last = found?.bucket ?? -1
    bucket = missing === Number.POSITIVE_INFINITY ? last + step : last + Math.ceil((missing - last) / 2)
  }
  if (found && found.bucket > hint) hints.put(conversationId, found.bucket)
  return found
}
