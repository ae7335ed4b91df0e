/**
 * Ids that are known to stand in a conversation's log. What is stored never changes, so a hit may be trusted; a miss means nothing,
 * and is decided by the append (L3). That is why this may forget: most retries come soon, and what is kept for each message of a
 * busy server is most of what its garbage collector has to carry.
 *
 * Two generations: when the newer is full, or old, it becomes the older one, and what was older goes as a whole.
 */
import type { ClientMsgId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { StoredId } from '../ports/message-log.ts'

type Generation = Map<UserId, Map<ClientMsgId, StoredId>>

export class KnownIds {
  #newer: Generation = new Map()
  #older: Generation = new Map()
  #count = 0
  #since = 0

  /** `now`: Unix ms. */
  add(stored: StoredId, now: number): void {
    const isOld = now - this.#since > limits.appenderIdsKeptMs
    if (this.#count * 2 >= limits.appenderIdsMax || isOld) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#count = 0
      this.#since = now
    }
    const ofSender = this.#newer.get(stored.senderId)
    if (ofSender) ofSender.set(stored.clientMsgId, stored)
    else this.#newer.set(stored.senderId, new Map([[stored.clientMsgId, stored]]))
    this.#count++
  }

  get(senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
    return this.#newer.get(senderId)?.get(clientMsgId) ?? this.#older.get(senderId)?.get(clientMsgId)
  }
}
