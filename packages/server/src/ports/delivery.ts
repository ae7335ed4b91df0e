import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'

/** An entry that was appended, for those who have not seen it yet. */
export interface Announcement {
  readonly entry: Entry
  /** The session that sent it, if any: its ack counts as the entry. */
  readonly exceptSessionId: string | null
}

/** Of one conversation, in seq order, all for the same recipients. */
export type Run = readonly [Announcement, ...Announcement[]]

/**
 * Pushes to live sessions, called by `chat`, done by `gateway/hub.ts`. Best effort and never awaited: what a session misses it
 * finds by the gap in seq, or by comparing heads (L6).
 */
export interface Delivery {
  /**
   * New entries to every live session of `recipients`, together: told one by one, each would cost every recipient anew. Runs of one
   * conversation are given in seq order; an entry whose announcement may have been lost is given once more, later.
   */
  entries(run: Run, recipients: Iterable<UserId>): void
  /** A frame to every live session of one user. */
  toUser(userId: UserId, frame: DownFrame): void
  /** A frame to the live, active sessions that watch a conversation. */
  toWatchers(conversationId: ConversationId, frame: DownFrame): void
  isWatched(conversationId: ConversationId): boolean
}
