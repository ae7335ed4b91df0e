/**
 * Pushes appended entries to live sessions, after the ack: on the next turn of the event loop, so that on the sending session
 * the ack of an entry comes before any later entry. Order within a conversation is the order of `push`.
 *
 * A large group that got several entries in one turn rests then, and what comes meanwhile goes out together: a write to a socket
 * costs ten times what one more frame in it costs. Entries that come one by one wait for nothing (decision 26).
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Announcement, Delivery } from '../ports/delivery.ts'

interface Due extends Announcement {
  readonly recipients: ReadonlySet<UserId>
}

interface Rest {
  /** What has come meanwhile. */
  readonly due: Due[]
  readonly timer: Timer
}

export interface FanOutDeps {
  readonly clock: Clock
  readonly delivery: Delivery
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export class FanOut {
  readonly #deps: FanOutDeps
  #due: Due[] = []
  readonly #resting = new Map<ConversationId, Rest>()

  constructor(deps: FanOutDeps) {
    this.#deps = deps
  }

  push(entry: Entry, recipients: ReadonlySet<UserId>, exceptSessionId: string | null): void {
    const due = { entry, recipients, exceptSessionId }
    const rest = this.#resting.get(entry.conversationId)
    if (!rest) {
      this.#add(due)
      return
    }
    rest.due.push(due)
    // Who was removed stops watching when the entry goes out (T7).
    if (rest.due.length === limits.appendEntriesMax || entry.kind === 'removed') this.#wake(entry.conversationId)
  }

  #add(due: Due): void {
    if (this.#due.length === 0) this.#deps.clock.setTimer(0, () => this.#drain())
    this.#due.push(due)
  }

  #drain(): void {
    const due = this.#due
    this.#due = []
    const met = new Set<ConversationId>()
    for (const run of runsOf(due)) {
      const { recipients } = run[0]
      const { conversationId } = run[0].entry
      try {
        this.#deps.delivery.entries(run, recipients)
      } catch (error) {
        // A run whose delivery fails is found by its gap, or by the head (L6); it must not take the others with it.
        this.#deps.onError(error, conversationId)
      }
      const restMs = Math.trunc((recipients.size * limits.fanOutRestUs) / 1_000)
      // Most conversations are small, and need not be remembered.
      if (restMs === 0) continue
      if (run.length > 1 || met.has(conversationId)) this.#rest(conversationId, restMs)
      else met.add(conversationId)
    }
  }

  #rest(conversationId: ConversationId, restMs: number): void {
    if (this.#resting.has(conversationId)) return
    const timer = this.#deps.clock.setTimer(restMs, () => this.#wake(conversationId))
    this.#resting.set(conversationId, { due: [], timer })
  }

  #wake(conversationId: ConversationId): void {
    const rest = this.#resting.get(conversationId)
    rest?.timer.cancel()
    this.#resting.delete(conversationId)
    for (const due of rest?.due ?? []) this.#add(due)
  }
}

/** What stands next to each other and goes to the same set of members, which every change of members makes anew (L6). */
function runsOf(due: readonly Due[]): readonly (readonly [Due, ...Due[]])[] {
  const runs: [Due, ...Due[]][] = []
  for (const one of due) {
    const run = runs.at(-1)
    if (run && run[0].recipients === one.recipients && run[0].entry.conversationId === one.entry.conversationId) run.push(one)
    else runs.push([one])
  }
  return runs
}
