/**
 * Pushes appended entries to live sessions, after the ack: on the next turn of the event loop, so that on the sending session
 * the ack of an entry comes before any later entry. Order within a conversation is the order of `push`.
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Delivery } from '../ports/delivery.ts'

interface Due {
  readonly entry: Entry
  readonly recipients: ReadonlySet<UserId>
  readonly sessionId: string | null
}

export class FanOut {
  readonly #clock: Clock
  readonly #delivery: Delivery
  #due: Due[] = []

  constructor(clock: Clock, delivery: Delivery) {
    this.#clock = clock
    this.#delivery = delivery
  }

  push(entry: Entry, recipients: ReadonlySet<UserId>, sessionId: string | null): void {
    if (this.#due.length === 0) this.#clock.setTimer(0, () => this.#drain())
    this.#due.push({ entry, recipients, sessionId })
  }

  #drain(): void {
    const due = this.#due
    this.#due = []
    for (const { entry, recipients, sessionId } of due) this.#delivery.entry(entry, recipients, sessionId)
  }
}
