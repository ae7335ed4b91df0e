import type { ConversationKind, HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'

/**
 * The projection of conversations and membership: a fold of the log, kept where it can be asked by user (L1: never the truth).
 *
 * Contract, proven by `conformance/conversations.ts`:
 * - `project` applies a whole state iff the stored `applied` equals `expected` (0 where nothing is stored), atomically; it
 *   answers whether it did. So two projectors cannot interleave, and a replay does nothing.
 * - Reads see at least every `project` and `setFlags` that was answered before they began.
 */
export interface Conversations {
  load(conversationId: ConversationId): Promise<ConversationState | null>
  project(expected: number, state: ConversationState): Promise<boolean>
  /** Every conversation that the user is or was a member of, with the user's own intervals and flags. */
  membershipsOf(userId: UserId): Promise<readonly Membership[]>
  /** The same, of one conversation; null for an outsider. */
  membership(conversationId: ConversationId, userId: UserId): Promise<Membership | null>
  /** Those that the user has muted or archived. */
  quietOf(userId: UserId): Promise<readonly ConversationId[]>
  /** Private to the user; `at` is when, for a resume. */
  setFlags(conversationId: ConversationId, userId: UserId, flags: Partial<ConversationFlags>, at: number): Promise<void>
  /** Users who share a conversation with `userId` now, among those asked: whose presence may be seen. */
  sharing(userId: UserId, others: readonly UserId[]): Promise<readonly UserId[]>
}

/** The fold of a conversation's membership entries up to `applied`. */
export interface ConversationState {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly name: string | null
  readonly createdBy: UserId
  readonly history: HistorySetting
  /** seq folded so far. */
  readonly applied: number
  /** Unix ms of the last membership entry; where it is stored, of its projection, which may come late. */
  readonly changedAt: number
  /** Every interval of every user who was ever a member. */
  readonly intervals: readonly Interval[]
}

/** A stretch of membership: entries `from`..`to`, both included (L6). */
export interface Interval {
  readonly userId: UserId
  readonly from: number
  /** seq of the entry that made them a member: beyond `from` where the history is open. What is older is not unread (L8). */
  readonly joined: number
  /** null while a member. */
  readonly to: number | null
  /** The role now, or at the end. */
  readonly role: Role
}

export interface Membership {
  readonly conversationId: ConversationId
  readonly kind: ConversationKind
  readonly name: string | null
  readonly history: HistorySetting
  readonly applied: number
  readonly changedAt: number
  readonly memberCount: number
  /** Of this user, rising. */
  readonly intervals: readonly Interval[]
  /** `direct`: the other one. */
  readonly peerId: UserId | null
  readonly flags: ConversationFlags
  /** Unix ms of the last change of the flags; 0 when never set. */
  readonly flagsAt: number
}
