/**
 * Pushes appended entries to live sessions, after the ack: on the next turn of the event loop, so that on the sending session
 * the ack of an entry comes before any later entry. Order within a conversation is the order of `push`.
 *
 * A large group in which several write at once rests after each round, and what comes meanwhile goes in the next: a write to a
 * socket costs ten times what one more frame in it costs. An entry that comes alone waits for nothing.
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
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
  /** What has come for conversations that rest. */
  readonly #collected = new Map<ConversationId, Due[]>()

  constructor(deps: FanOutDeps) {
    this.#deps = deps
  }

  push(entry: Entry, recipients: ReadonlySet<UserId>, sessionId: string | null): void {
    const due = { entry, recipients, sessionId }
    const collected = this.#collected.get(entry.conversationId)
    if (!collected) this.#add(due)
    else if (collected.push(due) === limits.appendEntriesMax) this.#wake(entry.conversationId, collected)
  }

  #add(due: Due): void {
    if (this.#due.length === 0) this.#deps.clock.setTimer(0, () => this.#drain())
    this.#due.push(due)
  }

  #drain(): void {
    const due = this.#due
    this.#due = []
    const met = new Set<ConversationId>()
    for (const { entry, recipients, sessionId } of due) {
      const { conversationId } = entry
      try {
        this.#deps.delivery.entry(entry, recipients, sessionId)
      } catch (error) {
        // One delivery that fails is found by its gap (L6); it must not take the others with it.
        this.#deps.onError(error, conversationId)
      }
      const restMs = Math.trunc((recipients.size * limits.fanOutRestUs) / 1_000)
      if (restMs === 0) continue
      if (met.has(conversationId)) this.#rest(conversationId, restMs)
      else met.add(conversationId)
    }
  }

  #rest(conversationId: ConversationId, restMs: number): void {
    if (this.#collected.has(conversationId)) return
    const collected: Due[] = []
    this.#collected.set(conversationId, collected)
    this.#deps.clock.setTimer(restMs, () => this.#wake(conversationId, collected))
  }

  /** Does nothing when that rest has ended early. */
  #wake(conversationId: ConversationId, collected: readonly Due[]): void {
    if (this.#collected.get(conversationId) !== collected) return
    this.#collected.delete(conversationId)
    for (const due of collected) this.#add(due)
  }
}
