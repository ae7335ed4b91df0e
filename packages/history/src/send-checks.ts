/** Commands against the log: C1, C4, C5, C10, and their order: C8, C9. */
import type { Check } from './check.ts'
import type { Expected, ExpectedConversation } from './expect.ts'
import type { HistoryLine, SendLine } from './history.ts'
import { getOrMake } from './maps.ts'
import type { Operations } from './operations.ts'
import { checkFifo, checkRealTime } from './order-checks.ts'
import { type Invoke, Sent } from './sent.ts'
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
  readonly #expected: Expected
  readonly #operations: Operations
  readonly #verdict: Verdict
  readonly #typed: TypedChecks
  readonly #sent = new Map<string, Sent>()
  readonly #absent = new Map<string, Absent>()
  readonly #userOf = new Map<string, string>()
  /** Answers that stand before their command in the file. */
  readonly #early: Answer[] = []

  constructor(expected: Expected, operations: Operations, verdict: Verdict) {
    this.#expected = expected
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
    for (const conversation of this.#expected.conversations.values()) {
      const sent = this.#sentIn(conversation)
      this.#endConversation(conversation, sent)
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
    this.#userOf.set(invoke.proc, user)
    const conversation = this.#expected.conversations.get(conv)
    const stored = conversation?.find(user, cmid)
    if (!conversation || !stored) {
      const unanswered = { isAcked: false, isFailed: false, wasUnknown: false, endedAt: undefined }
      getOrMake(this.#absent, keyOf(conv, user, cmid), () => ({ invoke, ...unanswered }))
      return
    }
    const sent = this.#sentIn(conversation)
    if (sent.procOf(stored.seq) !== undefined) return
    sent.begin(stored.seq, invoke)
    if (!isSame(invoke, stored, conversation)) this.#verdict.add('C10', `stored otherwise than it was sent: ${cmid}`, invoke, stored)
  }

  /** Whether there is a command that it answers. */
  #answer(line: Answer): boolean {
    const user = this.#userOf.get(line.proc)
    if (user === undefined) return false
    const conversation = this.#expected.conversations.get(line.conv)
    const stored = conversation?.find(user, line.cmid)
    if (!conversation || !stored) return this.#answerAbsent(line, user)
    const sent = this.#sentIn(conversation)
    if (sent.procOf(stored.seq) === undefined) return false
    this.#answerStored(line, sent, stored)
    return true
  }

  #answerStored(line: Answer, sent: Sent, stored: Stored): void {
    const { seq, messageId } = stored
    sent.endedAt[seq] = Math.max(sent.endedAt[seq] || 0, line.t)
    if (line.type === 'ok') {
      if (line.seq !== seq || line.messageId !== messageId)
        this.#verdict.add('C4', `acked as ${line.seq} ${line.messageId}, stored as ${seq} ${messageId}: ${line.cmid}`, line, stored)
      if (sent.isFailed[seq] === 1) this.#contradiction(sent.invokeOf(seq), line)
      sent.ackedAt[seq] = Math.min(sent.ackedAt[seq] as number, line.t)
    } else if (line.type === 'fail') {
      this.#verdict.add('C5', `refused, and yet in the log: ${line.cmid}`, sent.invokeOf(seq), line, stored)
      if (sent.ackedAt[seq] !== Number.POSITIVE_INFINITY) this.#contradiction(sent.invokeOf(seq), line)
      sent.isFailed[seq] = 1
    } else sent.wasUnknown[seq] = 1
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
  #endConversation(conversation: ExpectedConversation, sent: Sent): void {
    for (const stored of conversation.log) {
      if (sent.procOf(stored.seq) !== undefined) {
        const endedAt = sent.endedAt[stored.seq] as number
        const hasEnd = !Number.isNaN(endedAt)
        this.#operations.add(sent.begunAt[stored.seq] as number, hasEnd ? endedAt : undefined, sent.wasUnknown[stored.seq] === 1 || !hasEnd)
      } else if (sentKinds.has(stored.kind) && conversation.find(stored.senderId, stored.cmid) === stored) {
        // The twin of a command is no invention: C2 has it.
        this.#typed.find(stored)
      }
    }
  }

  #sentIn(conversation: ExpectedConversation): Sent {
    return getOrMake(this.#sent, conversation.id, () => new Sent(conversation))
  }
}

const keyOf = (conv: string, user: string, cmid: string) => `${conv} ${user} ${cmid}`

function isSame(invoke: Invoke, stored: Stored, conversation: ExpectedConversation): boolean {
  if (stored.kind !== invoke.kind || stored.target !== invoke.target) return false
  const subject = stored.kind === 'edit' ? (stored.target as number) : stored.seq
  return stored.hash === hashOf(invoke.hash) || conversation.isDeleted(subject)
}
