/**
 * The appender of one active conversation: the only place that judges commands (DESIGN.md section 4).
 *
 *   submit -> queue -> take a batch -> load what judging needs -> judge each on the state the one before left
 *                        ^                                                       |
 *                        |                                    append at the head, atomically
 *                        |                                                       |
 *                        +-- head moved, id known, no room: judge again <--------+--> appended: project, ack, fan out
 *
 * One append is in flight; what arrives meanwhile rides in the next. Every acceptance is checked by the append. A refusal is
 * checked by nothing, so it is sent only when the state it was judged on is confirmed after the command came: by its own batch's
 * append having applied, or, with nothing to append, by a state loaded since; and then only when no append of the same command may
 * still land (`unanswered.ts`). What is neither accepted nor refused is unknown (L4), and the state is loaded anew. The state
 * advances only on an answered append.
 */
import type { Entry } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { StoredId } from '../ports/message-log.ts'
import type { Command, Placed } from './command.ts'
import { type EvidenceDeps, judgeAtHand, judgeOnEvidence } from './evidence.ts'
import type { InTime } from './in-time.ts'
import type { Judged, Pending } from './judge.ts'
import { KnownIds } from './known-ids.ts'
import { project } from './project.ts'
import { loadStanding, type Standing } from './standing.ts'
import { Unanswered } from './unanswered.ts'

export interface AppenderDeps extends EvidenceDeps {
  readonly clock: Clock
  readonly conversations: Conversations
  readonly inTime: InTime
  /**
   * Called for every appended entry, in seq order, after its ack was given; and once more before the retry of an entry is acked
   * that nobody here has announced.
   */
  readonly onAppended: (entry: Entry, recipients: ReadonlySet<UserId>, sessionId: string | null) => void
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export class Appender {
  /** Since the register of appenders last looked whether this one may go. */
  wasUsed = true
  readonly #deps: AppenderDeps
  readonly #conversationId: ConversationId
  readonly #ids = new KnownIds()
  #queue: Pending[] = []
  #running = false
  /** undefined: not loaded. null: loaded, and the conversation does not exist. */
  #standing: Standing | null | undefined
  readonly #unanswered: Unanswered
  /** The last seq that this appender has announced. */
  #announced = 0
  /** Found for the batch at hand, above what was announced: another appender's, or one's own whose reply was lost. */
  #unannounced: StoredId[] = []

  constructor(conversationId: ConversationId, deps: AppenderDeps) {
    this.#conversationId = conversationId
    this.#deps = deps
    this.#unanswered = new Unanswered(deps.clock)
  }

  get isIdle(): boolean {
    return !this.#running
  }

  /** The state after the last answered append, if it is in memory. A hint: another node may have appended since. */
  get standing(): Standing | null | undefined {
    return this.#standing
  }

  /** Throws a refusal, or `UNKNOWN_OUTCOME`, `STORAGE_FULL`, `OVERLOADED`: send it again with the same id. */
  submit(command: Command): Promise<Placed> {
    if (this.#queue.length >= limits.appendQueueMax) return Promise.reject(new GodwitError('OVERLOADED'))
    return new Promise((accept, refuse) => {
      this.#queue.push({ command, accept, refuse })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#queue.length > 0) {
      const batch = this.#take()
      try {
        await this.#settle(batch)
      } catch (error) {
        this.#standing = undefined
        this.#deps.onError(error, this.#conversationId)
        const outcome = error instanceof GodwitError ? error : new GodwitError('UNKNOWN_OUTCOME')
        // Those already settled ignore it.
        for (const pending of batch) pending.refuse(outcome)
      }
      this.#ids.forgetFound()
      this.#unannounced = []
    }
    this.#running = false
  }

  #take(): Pending[] {
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && count < limits.appendEntriesMax) {
      bytes += (this.#queue[count] as Pending).command.bytes
      if (count > 0 && bytes > limits.appendBytesMax) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #settle(taken: Pending[]): Promise<void> {
    const { inTime, log, conversations } = this.#deps
    let waiting: readonly Pending[] = taken
    let loadedSince = false
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === limits.appendAttemptsMax) throw new GodwitError('UNKNOWN_OUTCOME')
      if (this.#standing === undefined) {
        this.#standing = await inTime(() => loadStanding(log, conversations, this.#conversationId))
        loadedSince = true
      }
      const standing = this.#standing
      const judged = this.#judgeAtHand(standing, waiting) ?? (await this.#judge(standing, waiting))
      if (!judged) {
        this.#standing = undefined
        continue
      }
      for (const { pending, placed } of judged.known) pending.accept(placed)
      for (const { pending, error } of judged.bounced) pending.refuse(error)

      if (judged.batch.length === 0) {
        if (judged.refused.length > 0 && !loadedSince) {
          this.#standing = undefined
          waiting = judged.refused.map(({ pending }) => pending)
          continue
        }
        const head = standing?.head.seq ?? 0
        for (const { pending, error } of judged.refused)
          pending.refuse(this.#unanswered.mayLand(head, pending.command) ? new GodwitError('UNKNOWN_OUTCOME') : error)
        return
      }

      const entries = judged.batch.map(({ entry }) => entry)
      const verdict = await inTime(() => log.append(this.#conversationId, standing?.head.seq ?? 0, entries)).catch((error: unknown) => {
        this.#unanswered.add(standing?.head.seq ?? 0, entries)
        throw error
      })
      if (verdict.verdict === 'appended') {
        const { roster, head } = judged.after
        if (!roster) throw new Error(`conversation ${this.#conversationId} does not begin with created`)
        let projected = standing?.projected ?? 0
        if (roster.state.applied !== projected) projected = await this.#project({ head, roster, projected })
        this.#standing = { head, roster, projected }
        this.#applied(judged)
        for (const { pending, error } of judged.refused) pending.refuse(error)
        return
      }
      // Judging again must keep the order of arrival.
      const open = new Set([...judged.batch.flatMap(({ pendings }) => pendings), ...judged.refused.map(({ pending }) => pending)])
      waiting = taken.filter((pending) => open.has(pending))
      if (verdict.verdict === 'no-room') {
        // The rest rides in the next, before what has come meanwhile.
        const rest = taken.splice(taken.indexOf(waiting[verdict.room] as Pending))
        this.#queue.unshift(...rest.filter((pending) => open.has(pending)))
        waiting = waiting.slice(0, verdict.room)
        continue
      }
      // The head is where it was when an id is known: whoever repeats one makes nobody load the group.
      if (verdict.verdict === 'known') this.#learn(verdict.known)
      else this.#standing = undefined
    }
  }

  /** null: something must be looked up, or announced, first. */
  #judgeAtHand(standing: Standing | null, waiting: readonly Pending[]): Judged | null {
    if (this.#unannounced.length > 0) return null
    return judgeAtHand(this.#deps, this.#conversationId, standing, waiting, this.#ids)
  }

  /** null: the log has an id beyond `standing`, which is out of date. */
  async #judge(standing: Standing | null, waiting: readonly Pending[]): Promise<Judged | null> {
    const judged = await this.#deps.inTime(() =>
      judgeOnEvidence(this.#deps, this.#conversationId, standing, waiting, this.#ids, (stored) => this.#learn(stored)),
    )
    if (this.#unannounced.some(({ seq }) => seq > (standing?.head.seq ?? 0))) return null
    if (standing && this.#unannounced.length > 0) await this.#announceFound(standing)
    return judged
  }

  /** Remembered together: whatever is known here is announced before it is acked, though the trip that found it ends in an error. */
  #learn(stored: readonly StoredId[]): void {
    for (const one of stored) this.#ids.learn(one)
    this.#unannounced.push(...stored.filter(({ seq }) => seq > this.#announced))
  }

  /** Whatever is acked is announced (L4): nobody may have heard of an entry whose append was never answered. */
  async #announceFound({ roster, head }: Standing): Promise<void> {
    const seqs = new Set(this.#unannounced.map(({ seq }) => seq).filter((seq) => seq <= head.seq))
    for (const seq of [...seqs].sort((a, b) => a - b)) {
      const range = { from: seq, to: seq, limit: 1, direction: 'up' } as const
      const { entries } = await this.#deps.inTime(() => this.#deps.log.read(this.#conversationId, range))
      for (const entry of entries) this.#deps.onAppended(entry, roster.entitledTo(seq), null)
      this.#announced = Math.max(this.#announced, seq)
      this.#unannounced = this.#unannounced.filter((one) => one.seq > this.#announced)
    }
  }

  #applied({ batch, after: { head } }: Judged): void {
    for (const { placed, pendings } of batch) {
      const { senderId, clientMsgId, messageId, at, seq } = placed
      this.#ids.appended(senderId, clientMsgId)
      for (const [nth, pending] of pendings.entries()) pending.accept({ messageId, seq, at, duplicate: nth > 0 })
    }
    for (const { placed, recipients, pendings } of batch)
      this.#deps.onAppended(placed, recipients, pendings[0]?.command.sender.sessionId ?? null)
    this.#announced = head.seq
  }

  /** A change of members is projected before it is acked; the sweep projects what a failure leaves. Answers `projected`. */
  async #project(standing: Standing): Promise<number> {
    try {
      return await this.#deps.inTime(() => project(this.#deps.conversations, standing, this.#deps.clock.now()))
    } catch (error) {
      this.#deps.onError(error, this.#conversationId)
      return standing.projected
    }
  }
}
