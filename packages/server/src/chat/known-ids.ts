/**
 * What an appender knows of the ids in its conversation's log. A hit may be trusted, because what is stored never changes; a miss
 * means nothing, and is decided by the append (L3). So it keeps little: whatever is kept of each message of a busy server is what its
 * garbage collector carries from then on.
 *
 * - Of each sender the id last appended: a client that has several under way names the one before (L5).
 * - What was found in the log, until the batch is settled that it was looked up for. A retry is rare, and the append finds it.
 */
import type { ClientMsgId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { StoredId } from '../ports/message-log.ts'

export class KnownIds {
  readonly #last = new Map<UserId, ClientMsgId>()
  /** null for nearly every batch. */
  #found: Map<string, StoredId> | null = null

  appended(senderId: UserId, clientMsgId: ClientMsgId): void {
    if (this.#last.size >= limits.appenderSendersMax && !this.#last.has(senderId)) this.#last.clear()
    this.#last.set(senderId, clientMsgId)
  }

  learn(stored: StoredId): void {
    this.#found ??= new Map()
    this.#found.set(idKey(stored.senderId, stored.clientMsgId), stored)
  }

  forgetFound(): void {
    this.#found = null
  }

  /** What stands in the log under this id, if it was found there. */
  storedAs(senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
    return this.#found?.get(idKey(senderId, clientMsgId))
  }

  /** It stands in the log for certain. */
  stands(senderId: UserId, clientMsgId: ClientMsgId): boolean {
    return this.#last.get(senderId) === clientMsgId || this.storedAs(senderId, clientMsgId) !== undefined
  }
}

/** A sender's id as one text. No id has a space in it, so no two keys meet. */
export const idKey = (senderId: UserId, clientMsgId: ClientMsgId) => `${senderId} ${clientMsgId}`
