import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'

/**
 * How far each member has received and read (L8). Every cursor is a maximum: an older value never replaces a newer one.
 *
 * Contract, proven by `conformance/cursors.ts`: `advance` merges by maximum, in any order, any number of times; when it answers,
 * the result is durable: for each move, in the order given, where that cursor stands with it. Reads see at least every `advance` that was answered before they began.
 */
export interface Cursors {
  advance(moves: readonly CursorMove[]): Promise<readonly Cursor[]>
  /** The cursors of each (conversation, user); zeros where there is none. In the order asked. */
  of(keys: readonly CursorKey[]): Promise<readonly Cursor[]>
  /** Cursors of every user who has one in a conversation. */
  ofConversation(conversationId: ConversationId): Promise<readonly (Cursor & { readonly userId: UserId })[]>
}

export interface CursorMove {
  readonly conversationId: ConversationId
  readonly userId: UserId
  /** Whose `delivered` moves; null when only reading moves. */
  readonly deviceId: DeviceId | null
  readonly delivered?: number
  /** Private: what this user has read, on any device. */
  readonly read?: number
  /** What others see of it; stands still while read receipts are off. */
  readonly shown?: number
  /** Unix ms, for a resume. */
  readonly at: number
}

export interface Cursor {
  /** The furthest of the user's devices. */
  readonly delivered: number
  readonly read: number
  readonly shown: number
  /** Unix ms of the last move that changed anything; 0 when never. */
  readonly at: number
}

export interface CursorKey {
  readonly conversationId: ConversationId
  readonly userId: UserId
}
