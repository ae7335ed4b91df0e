/** Commands against the log: C1, C4, C5, C10, and their order: C8, C9. */

import type { CommandLog, Commands } from './commands.ts'
import type { HistoryLine, SendLine } from './history.ts'
import { getOrMake } from './maps.ts'
import type { Operations } from './operations.ts'
import { checkFifo, checkRealTime } from './order-checks.ts'
import { type Invoke, Sent } from './sent.ts'
import type { Check } from './sides.ts'
import { hashOf, type Stored, sentKinds } from './stored.ts'
import { TypedChecks } from './typed-checks.ts'
import type { Verdict } from './verdict.ts'

type Answer = Exclude<SendLine, Invoke>

/** A command that made no entry. */
interface Absent {
  readonly invoke: Invoke
  isAcked: boolean
  isFailed: boolean
  wasUnknown: boolean
  endedAt: number | undefined
}

export class SendChecks implements Check {
  readonly ops = ['send', 'typed'] as const
  readonly #commands: Commands
  readonly #operations: Operations
  readonly #verdict: Verdict
  readonly #typed: TypedChecks
  /** By conversation. */
  readonly #sent = new Map<string, Sent>()
  readonly #absent = new Map<string, Absent>()
  readonly #devices = new Map<string, { readonly proc: string; readonly user: string }>()
  /** Answers that stand before their command in the file. */
  readonly #early: Answer[] = []

  constructor(commands: Commands, operations: Operations, verdict: Verdict) {
    this.#commands = commands
    this.#operations = operations
    this.#verdict = verdict
    this.#typed = new TypedChecks(verdict)
  }

  take(line: HistoryLine): void {
    if (line.op === 'typed') {
      this.#operations.add(line.t, undefined, false)
      this.#typed.take(line)
    }
    if (line.op !== 'send') return
    if (line.type === 'invoke') this.#begin(line)
    else if (!this.#answer(line)) this.#early.push(line)
  }

  end(): void {
    for (const line of this.#early)
      if (!this.#answer(line)) this.#verdict.add('C4', `an answer to a command that was never given: ${line.cmid}`, line)
    for (const conv of this.#commands.conversations.keys()) {
      const sent = this.#sentIn(conv) as Sent
      this.#endConversation(sent)
      checkRealTime(sent, this.#verdict)
      checkFifo(sent, this.#verdict)
    }
    this.#typed.end()
    for (const { invoke, endedAt, wasUnknown } of this.#absent.values())
      this.#operations.add(invoke.t, endedAt, wasUnknown || endedAt === undefined)
  }

  /** A command that is known already is a retry: the same operation. */
  #begin(invoke: Invoke): void {
    const { conv, user, cmid } = invoke
    const proc = this.#nameOf(invoke)
    const sent = this.#sentIn(conv)
    const stored = sent?.conversation.find(user, cmid)
    if (!sent || !stored) {
      const unanswered = { isAcked: false, isFailed: false, wasUnknown: false, endedAt: undefined }
      getOrMake(this.#absent, keyOf(conv, user, cmid), () => ({ invoke, ...unanswered }))
      return
    }
    if (sent.procOf(stored.seq) !== undefined) return
    sent.begin(stored.seq, proc, invoke)
    if (!isSame(invoke, stored, sent.conversation)) this.#verdict.add('C10', `stored otherwise than it was sent: ${cmid}`, invoke, stored)
  }

  /** Whether there is a command that it answers. */
  #answer(line: Answer): boolean {
    const sent = this.#sentIn(line.conv)
    // Nearly every answer is an ack that names the entry of its own command.
    const named = line.type === 'ok' ? sent?.conversation.log[line.seq - 1] : undefined
    if (sent && named?.cmid === line.cmid && sent.procOf(named.seq) === line.proc) {
      this.#answerStored(line, sent, named)
      return true
    }
    const user = this.#devices.get(line.proc)?.user
    if (user === undefined) return false
    const stored = sent?.conversation.find(user, line.cmid)
    if (!sent || !stored) return this.#answerAbsent(line, user)
    if (sent.procOf(stored.seq) === undefined) return false
    this.#answerStored(line, sent, stored)
    return true
  }

  #answerStored(line: Answer, sent: Sent, stored: Stored): void {
    const { seq, messageId } = stored
    if (line.type === 'info') sent.lose(seq, line.t)
    else if (line.type === 'ok') {
      if (line.seq !== seq || line.messageId !== messageId)
        this.#verdict.add('C4', `acked as ${line.seq} ${line.messageId}, stored as ${seq} ${messageId}: ${line.cmid}`, line, stored)
      if (sent.isFailed(seq)) this.#contradiction(sent.invokeOf(seq), line)
      sent.ack(seq, line.t)
    } else {
      this.#verdict.add('C5', `refused, and yet in the log: ${line.cmid}`, sent.invokeOf(seq), line, stored)
      if (sent.ackedAt(seq) !== Number.POSITIVE_INFINITY) this.#contradiction(sent.invokeOf(seq), line)
      sent.fail(seq, line.t)
    }
  }

  #answerAbsent(line: Answer, user: string): boolean {
    const absent = this.#absent.get(keyOf(line.conv, user, line.cmid))
    if (!absent) return false
    absent.endedAt = Math.max(absent.endedAt ?? 0, line.t)
    if (line.type === 'info') absent.wasUnknown = true
    else {
      if (line.type === 'ok' && !absent.isAcked) this.#verdict.add('C1', `acked, and not in the log: ${line.cmid}`, absent.invoke, line)
      if (line.type === 'ok' ? absent.isFailed : absent.isAcked) this.#contradiction(absent.invoke, line)
      if (line.type === 'ok') absent.isAcked = true
      else absent.isFailed = true
    }
    return true
  }

  #contradiction(invoke: Invoke, line: Answer): void {
    this.#verdict.add('C4', `acked and refused: ${line.cmid}`, invoke, line)
  }

  /** What stands in the log was sent by somebody. Changes of groups are looked at by themselves. */
  #endConversation(sent: Sent): void {
    const { conversation } = sent
    for (const stored of conversation.log) {
      if (sent.procOf(stored.seq) !== undefined) {
        const endedAt = sent.endedAt(stored.seq)
        this.#operations.add(sent.begunAt(stored.seq), endedAt, sent.wasUnknown(stored.seq) || endedAt === undefined)
      } else if (sentKinds.has(stored.kind) && !conversation.isTwin(stored)) {
        // The twin of a command is no invention: C2 has it.
        this.#typed.find(stored)
      }
    }
  }

  /** undefined where the log has no such conversation. */
  #sentIn(conv: string): Sent | undefined {
    const known = this.#sent.get(conv)
    if (known) return known
    const conversation = this.#commands.conversations.get(conv)
    if (!conversation) return undefined
    const sent = new Sent(conversation)
    this.#sent.set(conv, sent)
    return sent
  }

  /** The device's name, as one string for all of its commands. */
  #nameOf({ proc, user }: Invoke): string {
    const known = this.#devices.get(proc)
    if (known?.user === user) return known.proc
    this.#devices.set(proc, { proc, user })
    return proc
  }
}

const keyOf = (conv: string, user: string, cmid: string) => `${conv} ${user} ${cmid}`

function isSame(invoke: Invoke, stored: Stored, conversation: CommandLog): boolean {
  if (stored.kind !== invoke.kind || stored.target !== invoke.target) return false
  const subject = stored.kind === 'edit' ? (stored.target as number) : stored.seq
  return stored.hash === hashOf(invoke.hash) || conversation.isDeleted(subject)
}
