import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'

/**
 * Pushes to live sessions, called by `chat`, done by `gateway/hub.ts`. Best effort and never awaited: what a session misses it
 * finds by the gap in seq, or by comparing heads (L6).
 */
export interface Delivery {
  /**
   * One new entry to every live session of `recipients`, except the session that sent it: its ack counts as the entry.
   * Entries of one conversation are given in seq order; one whose announcement may have been lost is given once more, later.
   */
  entry(entry: Entry, recipients: Iterable<UserId>, exceptSessionId: string | null): void
  /** A frame to every live session of one user. */
  toUser(userId: UserId, frame: DownFrame): void
  /** A frame to the live, active sessions that watch a conversation. */
  toWatchers(conversationId: ConversationId, frame: DownFrame): void
  isWatched(conversationId: ConversationId): boolean
}
