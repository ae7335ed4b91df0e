/**
 * Ids that are known to stand in a conversation's log. What is stored never changes, so a hit may be trusted for ever; a miss
 * means nothing, and is decided by the append (L3). That is why this may forget the oldest.
 */
import type { ClientMsgId, UserId } from '@godwit/protocol/ids.ts'
import type { StoredId } from '../ports/message-log.ts'

export class KnownIds {
  readonly #max: number
  readonly #byKey = new Map<string, StoredId>()

  constructor(max: number) {
    this.#max = max
  }

  add(stored: StoredId): void {
    this.#byKey.set(key(stored.senderId, stored.clientMsgId), stored)
    if (this.#byKey.size <= this.#max) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }

  get(senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
    return this.#byKey.get(key(senderId, clientMsgId))
  }
}

function key(senderId: UserId, clientMsgId: ClientMsgId): string {
  return `${senderId} ${clientMsgId}`
}
