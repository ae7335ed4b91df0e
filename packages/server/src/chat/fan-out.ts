/**
 * Pushes appended entries to live sessions, after the ack: on the next turn of the event loop, so that on the sending session
 * the ack of an entry comes before any later entry. Order within a conversation is the order of `push`.
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Delivery } from '../ports/delivery.ts'

interface Due {
  readonly entry: Entry
  readonly recipients: ReadonlySet<UserId>
  readonly sessionId: string | null
}

export interface FanOutDeps {
  readonly clock: Clock
  readonly delivery: Delivery
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export class FanOut {
  readonly #deps: FanOutDeps
  #due: Due[] = []

  constructor(deps: FanOutDeps) {
    this.#deps = deps
  }

  push(entry: Entry, recipients: ReadonlySet<UserId>, sessionId: string | null): void {
    if (this.#due.length === 0) this.#deps.clock.setTimer(0, () => this.#drain())
    this.#due.push({ entry, recipients, sessionId })
  }

  #drain(): void {
    const due = this.#due
    this.#due = []
    for (const { entry, recipients, sessionId } of due) {
      try {
        this.#deps.delivery.entry(entry, recipients, sessionId)
      } catch (error) {
        // One delivery that fails is found by its gap (L6); it must not take the others with it.
        this.#deps.onError(error, entry.conversationId)
      }
    }
  }
}
