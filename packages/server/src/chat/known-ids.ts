/**
 * Ids that are known to stand in a conversation's log. What is stored never changes, so a hit may be trusted; a miss means nothing,
 * and is decided by the append (L3). That is why this may forget: most retries come soon, and what is kept for each message of a
 * busy server is most of what its garbage collector has to carry. What was just learned is there for the judgement that follows.
 *
 * Two generations: when the newer is full, or old, it becomes the older one, and what was older goes as a whole.
 */
import type { ClientMsgId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { StoredId } from '../ports/message-log.ts'

/** By client id alone, which spares each sender a map. Where two senders have the same, the second has their own id before it. */
type Generation = Map<string, StoredId>

export class KnownIds {
  #newer: Generation = new Map()
  #older: Generation = new Map()
  #since = 0

  /** `now`: Unix ms. */
  add(stored: StoredId, now: number): void {
    const isOld = now - this.#since > limits.appenderIdsKeptMs
    if (this.#newer.size * 2 >= limits.appenderIdsMax || isOld) {
      this.#older = this.#newer
      this.#newer = new Map()
      this.#since = now
    }
    const { senderId, clientMsgId } = stored
    const first = this.#newer.get(clientMsgId)
    this.#newer.set(first && first.senderId !== senderId ? keyOfSecond(senderId, clientMsgId) : clientMsgId, stored)
  }

  get(senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
    return find(this.#newer, senderId, clientMsgId) ?? find(this.#older, senderId, clientMsgId)
  }
}

function find(generation: Generation, senderId: UserId, clientMsgId: ClientMsgId): StoredId | undefined {
  const first = generation.get(clientMsgId)
  return !first || first.senderId === senderId ? first : generation.get(keyOfSecond(senderId, clientMsgId))
}

/** No id has a space in it, so no two keys meet. */
const keyOfSecond = (senderId: UserId, clientMsgId: ClientMsgId) => `${senderId} ${clientMsgId}`
