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

/** A message as it counted before the amendment at `seq`. */
interface Change {
  readonly seq: number
  readonly target: number
  readonly sender: number
  readonly mentions: string | undefined
}

/** Stands where no message counts: numbers of users begin at 1. */
const nobody = 0

/** Characters of mentions that take as much memory as one entry. */
const mentionChars = 24

/**
 * The newest entries of a conversation, folded as far as unread counts need it: for any member, from any cursor within, and as of any
 * head that is not far behind, since a head is read before its counts and others append meanwhile.
 */
export class UnreadTail {
  #from: number
  /** Who sent each message from `#from` on; `nobody` for other entries and what was deleted. */
  #senders: number[] = []
  readonly #mentions = new Map<number, string>()
  /** Of all messages together. */
  #mentionChars = 0
  /** Rising in seq; those up to `#settled` are forgotten. */
  #changes: Change[] = []
  #settled = 0

  constructor(from: number) {
    this.#from = from
  }

  get to(): number {
    return this.#from + this.#senders.length - 1
  }

  /** In entries. */
  get weight(): number {
    return this.#senders.length + this.#changes.length + Math.ceil(this.#mentionChars / mentionChars)
  }

  /** Whether a count from here on, as of a head at `upTo` or behind it, loses nothing, once the entries up to that head have been added. */
  reaches(from: number, upTo: number): boolean {
    return this.#from <= from && from <= this.to + 1 && this.#settled <= upTo
  }

  /** The entry at `to` + 1. An amendment follows its target, so each is folded when it comes. */
  add({ seq, kind, sender, target, mentions }: EntryFacts): void {
    this.#senders.push(kind === 'message' ? sender : nobody)
    if (kind === 'message') this.#mention(seq, mentions)
    else if ((kind === 'edit' || kind === 'delete') && target !== null && this.#senderOf(target) !== nobody)
      this.#amend(seq, kind, target, mentions)
  }

  /** Messages of others after the cursor `after`, as of the head `upTo`: from the newest down to one more than is ever told. */
  count(user: number | null, userId: string, after: number, upTo: number): UnreadCount {
    const before = this.#before(upTo)
    const mention = `"${userId}"`
    let [unread, mentions] = [0, 0]
    for (let seq = Math.min(this.to, upTo); seq > after && seq >= this.#from && unread <= limits.unreadMax; seq--) {
      const changed = before.get(seq)
      const sender = changed ? changed.sender : this.#senderOf(seq)
      if (sender === nobody || sender === user) continue
      unread++
      if ((changed ? changed.mentions : this.#mentions.get(seq))?.includes(mention)) mentions++
    }
    return { unread, mentions }
  }

  /** Forgets the oldest until what is left weighs no more: changes until they take no more than half of that, and then entries. */
  trim(weightMax: number): void {
    this.#forgetChanges(this.#changes.length - Math.floor(weightMax / 2))
    let from = this.#from
    while (from <= this.to && this.weight - (from - this.#from) > weightMax) this.#mention(from++, null)
    this.cut(from)
  }

  /** Forgets the entries below `from`. */
  cut(from: number): void {
    if (from <= this.#from) return
    for (let seq = this.#from; seq < from && this.#mentions.size > 0; seq++) this.#mention(seq, null)
    this.#senders = this.#senders.slice(from - this.#from)
    this.#from = from
    this.#changes = this.#changes.filter(({ target }) => target >= from)
  }

  /** Messages that an amendment behind `upTo` has changed, as they were. */
  #before(upTo: number): ReadonlyMap<number, Change> {
    const before = new Map<number, Change>()
    for (let i = this.#changes.length - 1; i >= 0; i--) {
      const change = this.#changes[i] as Change
      if (change.seq <= upTo) break
      before.set(change.target, change)
    }
    return before
  }

  #amend(seq: number, kind: 'edit' | 'delete', target: number, mentions: string | null): void {
    this.#changes.push({ seq, target, sender: this.#senderOf(target), mentions: this.#mentions.get(target) })
    if (this.#changes.length > limits.storeTailChangesMax) this.#forgetChanges(limits.storeTailChangesMax / 2)
    if (kind === 'delete') this.#senders[target - this.#from] = nobody
    this.#mention(target, kind === 'delete' ? null : mentions)
  }

  /** The oldest; a count as of a head before them is no longer known. */
  #forgetChanges(count: number): void {
    const forgotten = count > 0 ? this.#changes.splice(0, count) : []
    this.#settled = forgotten.at(-1)?.seq ?? this.#settled
  }

  #senderOf(seq: number): number {
    return this.#senders[seq - this.#from] ?? nobody
  }

  #mention(seq: number, mentions: string | null): void {
    this.#mentionChars += (mentions?.length ?? 0) - (this.#mentions.get(seq)?.length ?? 0)
    if (mentions === null) this.#mentions.delete(seq)
    else this.#mentions.set(seq, mentions)
  }
}
