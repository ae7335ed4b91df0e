import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount } from '@godwit/server/ports/message-log.ts'

/** Of an entry, what its counting needs. Users are numbers (`names.ts`) but in `mentions`, a JSON array of wire ids. */
export interface EntryFacts {
  readonly seq: number
  readonly kind: string
  readonly sender: number
  readonly target: number | null
  readonly mentions: string | null
}

/** Stands where no message counts: numbers of users begin at 1. */
const nobody = 0

/** The newest entries of a conversation, folded as far as unread counts need it: for any member, from any cursor within. */
export class UnreadTail {
  #from: number
  /** Who sent each message from `#from` on; `nobody` for other entries and what was deleted. */
  #senders: number[] = []
  readonly #mentions = new Map<number, readonly string[]>()
  /** Of all messages together. */
  #mentioned = 0

  constructor(from: number) {
    this.#from = from
  }

  get to(): number {
    return this.#from + this.#senders.length - 1
  }

  /** Whether a count from here on loses nothing, once the entries up to the head have been added. */
  reaches(from: number): boolean {
    return this.#from <= from && from <= this.to + 1
  }

  /** The entry at `to` + 1. An amendment follows its target, so each is folded when it comes. */
  add({ seq, kind, sender, target, mentions }: EntryFacts): void {
    this.#senders.push(kind === 'message' ? sender : nobody)
    if (kind === 'message') this.#mention(seq, mentions)
    if (target === null || this.#senderOf(target) === nobody) return
    if (kind === 'edit') this.#mention(target, mentions)
    if (kind !== 'delete') return
    this.#senders[target - this.#from] = nobody
    this.#mention(target, null)
  }

  /** Messages of others after the cursor `after`, from the newest down to one more than is ever told. */
  count(user: number | null, userId: string, after: number): UnreadCount {
    let [unread, mentions] = [0, 0]
    for (let seq = this.to; seq > after && seq >= this.#from && unread <= limits.unreadMax; seq--) {
      const sender = this.#senderOf(seq)
      if (sender === nobody || sender === user) continue
      unread++
      if (this.#mentions.get(seq)?.includes(userId)) mentions++
    }
    return { unread, mentions }
  }

  /** Forgets the oldest entries until those left, and the mentions in them, are no more than `length` together. */
  trim(length: number): void {
    let from = this.#from
    while (from <= this.to && this.to - from + 1 + this.#mentioned > length) this.#mention(from++, null)
    if (from === this.#from) return
    this.#senders = this.#senders.slice(from - this.#from)
    this.#from = from
  }

  #senderOf(seq: number): number {
    return this.#senders[seq - this.#from] ?? nobody
  }

  #mention(seq: number, mentions: string | null): void {
    this.#mentioned -= this.#mentions.get(seq)?.length ?? 0
    this.#mentions.delete(seq)
    if (mentions === null) return
    const users: readonly string[] = JSON.parse(mentions)
    this.#mentioned += users.length
    this.#mentions.set(seq, users)
  }
}
