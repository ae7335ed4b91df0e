import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'

/**
 * Erasures of users, from the request to their end: what a crash interrupts goes on from here.
 *
 * Contract, proven by `conformance/erasures.ts`: what is answered is durable. A request is kept for good, so that one that comes
 * again, or one for a user who was erased long ago, changes nothing. When an `advance` with `doneAt` answers, what `MessageLog.blank`
 * and the `erase` of `Accounts` and `Devices` took away before is on no disk of the backend any more.
 */
export interface Erasures {
  request(userId: UserId, at: number): Promise<void>
  get(userId: UserId): Promise<Erasure | null>
  /** Those not done, in the order of their requests. */
  pending(): Promise<readonly Erasure[]>
  /** Replaces how far it has come; nothing where none was asked for. */
  advance(userId: UserId, progress: ErasureProgress): Promise<void>
}

export interface Erasure extends ErasureProgress {
  readonly userId: UserId
  /** Unix ms. */
  readonly requestedAt: number
}

export interface ErasureProgress {
  /** Conversations are gone through in the order of their ids: those before this one are done; null before the first. */
  readonly conversationId: ConversationId | null
  /** In that conversation, entries up to here are done. */
  readonly seq: number
  /** Messages of the user found so far, blanked now. */
  readonly messages: number
  /** Unix ms; null while it is under way. */
  readonly doneAt: number | null
}
