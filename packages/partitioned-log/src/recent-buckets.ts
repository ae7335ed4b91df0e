/**
 * Current buckets whose client ids are all known, from the last append, so that the next needs no look at the bucket.
 *
 * A bucket is known as of a head. It is used at that head alone, taken out for the append, and put back when that was answered; so what is
 * here has all ids, or the append at its head does not apply. Whole buckets are forgotten, never single ids.
 */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Head } from '@godwit/server/ports/message-log.ts'

export interface KnownBucket {
  readonly head: Head
  /** Of all commands of the bucket: `keyOf`. */
  readonly ids: Set<string>
}

export class RecentBuckets {
  /** In the order of last use. */
  readonly #byConversation = new Map<ConversationId, KnownBucket>()
  #idCount = 0

  /** What is known at this head. */
  take(conversationId: ConversationId, head: number): KnownBucket | null {
    const bucket = this.#byConversation.get(conversationId)
    if (!bucket) return null
    this.#forget(conversationId, bucket)
    return bucket.head.seq === head ? bucket : null
  }

  put(conversationId: ConversationId, bucket: KnownBucket): void {
    this.take(conversationId, bucket.head.seq)
    this.#byConversation.set(conversationId, bucket)
    this.#idCount += bucket.ids.size
    for (const [oldest, old] of this.#byConversation) {
      if (this.#idCount <= limits.bucketIdsCachedMax) break
      this.#forget(oldest, old)
    }
  }

  #forget(conversationId: ConversationId, bucket: KnownBucket): void {
    this.#byConversation.delete(conversationId)
    this.#idCount -= bucket.ids.size
  }
}
