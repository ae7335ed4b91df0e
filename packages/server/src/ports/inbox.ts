import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Membership } from './conversations.ts'
import type { Cursor } from './cursors.ts'
import type { Head } from './message-log.ts'

/**
 * Where a user's conversations stand: one question over log, projection and cursors together, so that a device that comes back, or a
 * page of the list, costs one trip, and not one for each conversation.
 *
 * Contract, proven by `conformance/inbox.ts`:
 * - Head and cursors of a row are no older than its membership. A projection that lags behind its head is left to who asks.
 * - `changedSince` is a sieve. It never leaves out a conversation of which at the time asked for or later the last entry was appended
 *   (`Head.at`), the projection changed or the user's flags were set (`changedAt`, `flagsAt`), or the user's cursor moved, or in a
 *   `direct` conversation the other one's (`Cursor.at`). Others may be among them: a backend that cannot tell of one, because a cache has
 *   lost its head, names it.
 * - `newest` orders by pinned first, then by the last entry that the user may see by the projection, then by falling id; pages that go on
 *   from the place of the last row name every conversation that has not moved up meanwhile.
 * - Reads see at least every write that was answered before they began.
 */
export interface Inbox {
  /** `at` in Unix ms; 0 is everything. In any order. */
  changedSince(userId: UserId, deviceId: DeviceId, at: number): Promise<readonly ChangedRow[]>
  /** The first `limit` behind a place; null is the top. */
  newest(userId: UserId, behind: Place | null, limit: number): Promise<readonly ListedRow[]>
}

export interface InboxRow {
  readonly membership: Membership
  readonly head: Head
  /** The entry at the head, of the same look; null where it was not at hand. Who needs it is spared a read. */
  readonly last: Entry | null
  /** The user's own. */
  readonly cursor: Cursor
  /** `direct`: the other one's. */
  readonly peerCursor: Cursor | null
}

export interface ChangedRow extends InboxRow {
  /** How far the conversation has come to the device, as it has said; 0 where it never did. */
  readonly delivered: number
}

export interface ListedRow extends InboxRow {
  readonly place: Place
}

/** Where a row stands in the list. */
export interface Place {
  readonly pinned: boolean
  /** Unix ms. */
  readonly lastAt: number
  readonly conversationId: ConversationId
}
