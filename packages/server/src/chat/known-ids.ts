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

type Generation = Map<ClientMsgId, StoredId>

export class KnownIds {
  #newer: Generation = new Map()
  #older: Generation = new Map()
  #since = 0

  /** `now`: Unix ms. Of two senders with the same id the earlier is forgotten: to keep both would cost every message a map. */
  add(stored: StoredId, now: number): void {
    const isOld = now - this.#since > limits.appenderIdsKeptMs
    if (this.#newer.size * 2 >= limits.appenderIdsMax || isOld) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#since = now
    }
    this.#newer.set(stored.clientMsgId, stored)
  }

  get(senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
    const newer = this.#newer.get(clientMsgId)
    if (newer?.senderId === senderId) return newer
    const older = this.#older.get(clientMsgId)
    return older?.senderId === senderId ? older : undefined
  }
}
