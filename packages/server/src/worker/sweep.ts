/**
 * The sweep: makes good what a crash or a failure left between an append and what follows from it. It reads the event stream
 * from where it was, but for the kinds that nothing follows from, and projects membership and blanks deletions again; both do nothing the
 * second time.
 */
import { type Entry, type EntryKind, isMembership, type MembershipContent } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, MessageId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { project } from '../chat/project.ts'
import { loadStanding } from '../chat/standing.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { EventStream } from '../ports/event-stream.ts'
import type { MessageLog } from '../ports/message-log.ts'

export interface SweepDeps {
  readonly clock: Clock
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly events: EventStream
  readonly onError: (error: unknown) => void
}

const consumer = 'sweep'

/**
 * Nearly all that is said, and nothing follows from it. Named are these and not the others, so that a kind nobody has thought of is met;
 * and the type admits none that is acted on. A kind taken out of this list needs a new `consumer`: what was passed over does not come again.
 */
export const passedOver: readonly Exclude<EntryKind, 'delete' | MembershipContent['kind']>[] = ['message', 'edit', 'reaction']

export class Sweep {
  readonly #deps: SweepDeps
  #timer: Timer | null = null
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  /** Of the entries of the present batch. */
  readonly #failures = new Map<MessageId, number>()

  constructor(deps: SweepDeps) {
    this.#deps = deps
  }

  /** Catches up, then goes on every `sweepIntervalMs`. A round that fails is told, and tried again. */
  async start(): Promise<void> {
    await this.#round().catch(this.#deps.onError)
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = this.#deps.clock.setTimer(limits.sweepIntervalMs, () => {
      this.#running = this.#round()
        .catch(this.#deps.onError)
        .then(() => this.#schedule())
    })
  }

  async #round(): Promise<void> {
    const { events } = this.#deps
    while (!this.#stopped) {
      const { entries, upTo } = await events.next(consumer, limits.sweepEntriesMax, passedOver)
      if (entries.length === 0) return
      const projected = new Map<ConversationId, number>()
      for (const entry of entries) await this.#makeGood(entry, projected).catch((error: unknown) => this.#failed(entry, error))
      await events.confirm(consumer, upTo)
      this.#failures.clear()
    }
  }

  /** Tried again in the next round; but one conversation that cannot be made good must not stop the others for ever. */
  #failed({ messageId }: Entry, error: unknown): void {
    const failures = (this.#failures.get(messageId) ?? 0) + 1
    this.#failures.set(messageId, failures)
    if (error instanceof GodwitError || failures < limits.sweepAttemptsMax) throw error
    this.#deps.onError(error)
  }

  /** `projected`: how far the projection of each conversation was found or brought in this batch. */
  async #makeGood(entry: Entry, projected: Map<ConversationId, number>): Promise<void> {
    const { log, conversations, clock } = this.#deps
    const { conversationId } = entry
    if (entry.kind === 'delete') await log.blank(conversationId, entry.target)
    if (!isMembership(entry) || entry.seq <= (projected.get(conversationId) ?? 0)) return
    const standing = await loadStanding(log, conversations, conversationId)
    if (!standing) return
    const { applied } = standing.roster.state
    if (standing.projected < applied) await project(conversations, standing, clock.now())
    projected.set(conversationId, applied)
  }
}
