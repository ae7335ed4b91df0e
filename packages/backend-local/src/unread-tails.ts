import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadTail } from './unread-tail.ts'

/** The tails of the conversations asked about last. All together they weigh no more than `storeTailsWeightMax`. */
export class UnreadTails {
  /** In the order of use, each with its weight when it was kept. */
  readonly #kept = new Map<number, { readonly tail: UnreadTail; readonly weight: number }>()
  #weight = 0

  get(conversation: number): UnreadTail | undefined {
    return this.#kept.get(conversation)?.tail
  }

  keep(conversation: number, tail: UnreadTail): void {
    // And an eighth more, for heads that are a little behind.
    tail.cut(tail.to - limits.unreadEntriesMax * 1.125 + 1)
    this.#forget(conversation)
    this.#put(conversation, tail)
    // Looked at first: to begin a walk over a map whose oldest went costs more than all the rest.
    if (this.#fits()) return
    for (const [oldest, { tail: unused }] of this.#kept) {
      if (this.#kept.size > limits.storeTailsMax || unused.weight <= limits.storeTailWeightMax) this.#forget(oldest)
      else this.#shorten(oldest, unused)
      if (this.#fits()) return
    }
  }

  #fits(): boolean {
    return this.#kept.size <= limits.storeTailsMax && this.#weight <= limits.storeTailsWeightMax
  }

  /** Most counts need little of a tail: a short one still serves them, and is forgotten when its turn comes again. */
  #shorten(conversation: number, tail: UnreadTail): void {
    tail.trim(limits.storeTailWeightMax)
    this.#weight -= this.#kept.get(conversation)?.weight ?? 0
    this.#put(conversation, tail)
  }

  #put(conversation: number, tail: UnreadTail): void {
    const { weight } = tail
    this.#kept.set(conversation, { tail, weight })
    this.#weight += weight
  }

  #forget(conversation: number): void {
    this.#weight -= this.#kept.get(conversation)?.weight ?? 0
    this.#kept.delete(conversation)
  }
}
