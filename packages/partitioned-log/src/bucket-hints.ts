/** Which bucket a log was last seen to end in. A hint may be lost, and may be out of date: then the search takes a step more. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'

export interface BucketHints {
  /** 0 where nothing is known. */
  get(conversationId: ConversationId): Promise<number>
  put(conversationId: ConversationId, bucket: number): void
}

/** Those of one process. */
export function memoryHints(): BucketHints {
  /** In the order of last use; the first bucket needs no hint. */
  const buckets = new Map<ConversationId, number>()
  return {
    get: async (conversationId) => buckets.get(conversationId) ?? 0,
    put(conversationId, bucket) {
      buckets.delete(conversationId)
      buckets.set(conversationId, bucket)
      const [oldest] = buckets.keys()
      if (buckets.size > limits.bucketHintsMax && oldest !== undefined) buckets.delete(oldest)
    },
  }
}
