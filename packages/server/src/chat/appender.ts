/**
 * The appender of one active conversation: the only place that judges commands (DESIGN.md section 4).
 *
 *   submit -> queue -> take a batch -> load what judging needs -> judge each on the state the one before left
 *                        ^                                                       |
 *                        |                                    append at the head, atomically
 *                        |                                                       |
 *                        +-- head moved, id known: judge again <-----------------+--> appended: ack, project, fan out
 *
 * One append is in flight; what arrives meanwhile rides in the next. Every acceptance is checked by the append. A refusal is
 * checked by nothing, so it is sent only when the state it was judged on is confirmed after the command came: by its own batch's
 * append having applied, or, with nothing to append, by a state loaded since. What is neither accepted nor refused is unknown
 * (L4), and the state is loaded anew. The state advances only on an answered append.
 */
import type { Entry, FoldedEntry } from '@godwit/protocol/entry.ts'
import { isMembership } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type AmendmentEntry, fold } from '@godwit/protocol/fold.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { CommandKey, MessageLog, NewEntry } from '../ports/message-log.ts'
import type { Command, Placed } from './command.ts'
import { type Judged, judge, type Pending } from './judge.ts'
import { KnownIds } from './known-ids.ts'
import { applyMembership, type Roster } from './roster.ts'
import { loadStanding, noHead, type Standing } from './rosters.ts'
import type { Snowflake } from './snowflake.ts'

export interface AppenderDeps {
  readonly clock: Clock
  readonly log: MessageLog
  readonly conversations: Conversations
  readonly snowflake: Snowflake
  /** Whether one of the two of a `direct` conversation has blocked the other. */
  readonly blocked: (roster: Roster) => Promise<boolean>
  /** Called once for every appended entry, in seq order, after its ack was given. */
  readonly onAppended: (entry: Entry, recipients: ReadonlySet<UserId>, sessionId: string | null) => void
  readonly onError: (error: unknown, conversationId: ConversationId) => void
}

export class Appender {
  readonly #deps: AppenderDeps
  readonly #conversationId: ConversationId
  readonly #ids = new KnownIds(limits.appenderIdsMax)
  #queue: Pending[] = []
  #running = false
  /** undefined: not loaded. null: loaded, and the conversation does not exist. */
  #standing: Standing | null | undefined

  constructor(conversationId: ConversationId, deps: AppenderDeps) {
    this.#conversationId = conversationId
    this.#deps = deps
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
    }
    this.#running = false
  }

  #take(): Pending[] {
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && count < limits.appendEntriesMax) {
      const { content } = (this.#queue[count] as Pending).command
      bytes += 'text' in content ? content.text.length : 64
      if (count > 0 && bytes > limits.appendBytesMax) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #settle(taken: readonly Pending[]): Promise<void> {
    let waiting = taken
    let loadedSince = false
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === limits.appendAttemptsMax) throw new GodwitError('UNKNOWN_OUTCOME')
      if (this.#standing === undefined) {
        this.#standing = await loadStanding(this.#deps.log, this.#deps.conversations, this.#conversationId)
        loadedSince = true
      }
      const standing = this.#standing
      const judged = await this.#judge(standing, waiting)
      for (const { pending, placed } of judged.known) pending.accept(placed)
      for (const { pending, error } of judged.bounced) pending.refuse(error)

      if (judged.batch.length === 0) {
        if (judged.refused.length > 0 && !loadedSince) {
          this.#standing = undefined
          waiting = judged.refused.map(({ pending }) => pending)
          continue
        }
        for (const { pending, error } of judged.refused) pending.refuse(error)
        return
      }

      const verdict = await this.#append(
        standing?.head.seq ?? 0,
        judged.batch.map(({ entry }) => entry),
      )
      waiting = [...judged.batch.flatMap(({ pendings }) => pendings), ...judged.refused.map(({ pending }) => pending)]
      switch (verdict.verdict) {
        case 'appended':
          await this.#applied(standing, judged)
          for (const { pending, error } of judged.refused) pending.refuse(error)
          return
        case 'known':
          for (const stored of verdict.known) this.#ids.add(stored)
          break
        case 'head-moved':
          this.#standing = undefined
          break
      }
      // Judging again must keep the order of arrival.
      waiting = taken.filter((pending) => waiting.includes(pending))
    }
  }

  /** Judges, and asks the log for the ids that a refusal or an `after` rests on. */
  async #judge(standing: Standing | null, waiting: readonly Pending[]): Promise<Judged> {
    const [targets, blocked] = await Promise.all([
      this.#targets(waiting),
      standing?.roster.state.kind === 'direct' ? this.#deps.blocked(standing.roster) : false,
    ])
    const scene = { roster: standing?.roster ?? null, head: standing?.head ?? noHead, blocked, targets }
    const stamp = () => ({ messageId: this.#deps.snowflake.next(), now: this.#deps.clock.now() })
    const first = judge(waiting, scene, this.#ids, stamp)
    const doubtful: CommandKey[] = first.refused.map(({ pending }) => keyOf(pending.command))
    for (const { pending, error } of first.bounced) {
      const { command } = pending
      if (error.code !== 'RETRY_IN_ORDER' || command.after === null) continue
      doubtful.push(keyOf(command), { senderId: command.sender.userId, clientMsgId: command.after })
    }
    if (doubtful.length === 0) return first
    const found = await this.#deps.log.find(this.#conversationId, doubtful)
    const stored = found.filter((one) => one !== null)
    if (stored.length === 0) return first
    for (const one of stored) this.#ids.add(one)
    return judge(waiting, scene, this.#ids, stamp)
  }

  /** The folded messages that edits, deletions and reactions name. */
  async #targets(waiting: readonly Pending[]): Promise<ReadonlyMap<number, FoldedEntry>> {
    const seqs = new Set<number>()
    for (const { command } of waiting) if ('target' in command.content) seqs.add(command.content.target)
    const targets = new Map<number, FoldedEntry>()
    await Promise.all(
      [...seqs].map(async (seq) => {
        const { entries, amendments } = await this.#deps.log.read(this.#conversationId, { from: seq, to: seq, limit: 1, direction: 'up' })
        const [entry] = entries
        if (entry) targets.set(seq, fold(entry, amendments as readonly AmendmentEntry[]))
      }),
    )
    return targets
  }

  /** An append that does not answer in time is unknown: it may apply later, and the next load sees it. */
  #append(expectedHead: number, entries: readonly NewEntry[]) {
    return new Promise<Awaited<ReturnType<MessageLog['append']>>>((resolve, reject) => {
      const timer = this.#deps.clock.setTimer(limits.appendTimeoutMs, () => reject(new GodwitError('UNKNOWN_OUTCOME')))
      this.#deps.log
        .append(this.#conversationId, expectedHead, entries)
        .then(resolve, reject)
        .finally(() => timer.cancel())
    })
  }

  async #applied(standing: Standing | null, judged: Judged): Promise<void> {
    let roster = standing?.roster ?? null
    let head = standing?.head ?? noHead
    const appended: { entry: Entry; recipients: ReadonlySet<UserId>; sessionId: string | null }[] = []
    for (const { entry: next, pendings } of judged.batch) {
      const isMember = isMembership(next.content)
      const seq = head.seq + 1
      head = {
        seq,
        count: head.count + (next.content.kind === 'message' ? 1 : 0),
        membershipSeq: isMember ? seq : head.membershipSeq,
        at: next.at,
      }
      const { bodyHash, content, ...header } = next
      const entry: Entry = {
        conversationId: this.#conversationId,
        ...header,
        seq,
        count: head.count,
        membershipSeq: head.membershipSeq,
        ...content,
      }
      // The one who is added and the one who is removed both get the entry (L6).
      const before = roster
      if (isMembership(entry)) roster = applyMembership(roster, entry)
      const recipients = before === roster ? rosterMembers(roster) : new Set([...rosterMembers(before), ...rosterMembers(roster)])
      appended.push({ entry, recipients, sessionId: pendings[0]?.command.sender.sessionId ?? null })
      this.#ids.add({ senderId: next.senderId, clientMsgId: next.clientMsgId, seq, messageId: next.messageId, at: next.at, bodyHash })
    }
    if (!roster) throw new Error('an append without created')
    const projected = await this.#project(standing, roster)
    this.#standing = { head, roster, projected }

    judged.batch.forEach(({ pendings }, i) => {
      const { messageId, seq, at } = (appended[i] as { entry: Entry }).entry
      pendings.forEach((pending, nth) => {
        pending.accept({ messageId, seq, at, duplicate: nth > 0 })
      })
    })
    for (const { entry, recipients, sessionId } of appended) this.#deps.onAppended(entry, recipients, sessionId)
  }

  /** A change of members is projected before it is acked; the sweep projects what a failure leaves. */
  async #project(standing: Standing | null, roster: Roster): Promise<number> {
    const projected = standing?.projected ?? 0
    if (roster.state.applied === projected) return projected
    try {
      const did = await this.#deps.conversations.project(projected, roster.state)
      return did ? roster.state.applied : projected
    } catch (error) {
      this.#deps.onError(error, this.#conversationId)
      return projected
    }
  }
}

function rosterMembers(roster: Roster | null): ReadonlySet<UserId> {
  return roster ? roster.memberSet : new Set()
}

function keyOf(command: Command): CommandKey {
  return { senderId: command.sender.userId, clientMsgId: command.clientMsgId }
}
