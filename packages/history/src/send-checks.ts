/** Commands against the log: C1, C4, C5, C10, and their order: C8, C9. */
import type { Check } from './check.ts'
import type { Expected, ExpectedConversation } from './expect.ts'
import type { HistoryLine, LineOf, SendLine } from './history.ts'
import { getOrMake } from './maps.ts'
import type { Operations } from './operations.ts'
import { checkFifo, checkRealTime } from './order-checks.ts'
import { hashOf, type Stored, sentKinds } from './stored.ts'
import { TypedChecks } from './typed-checks.ts'
import type { Verdict } from './verdict.ts'

type Invoke = LineOf<'send', 'invoke'>
type Ok = LineOf<'send', 'ok'>

export interface Send {
  readonly invoke: Invoke
  /** The entry that it made. */
  readonly stored: Stored | undefined
  /** Of the first ack; infinite without one. */
  ackedAt: number
  /** Of the last line about it. */
  endedAt: number | undefined
  /** For a while, or for good: a line says so. */
  wasUnknown: boolean
  isFailed: boolean
}

export class SendChecks implements Check {
  readonly #expected: Expected
  readonly #operations: Operations
  readonly #verdict: Verdict
  readonly #typed: TypedChecks
  /** By conversation, at the place of their entry. */
  readonly #stored = new Map<string, (Send | undefined)[]>()
  readonly #absent = new Map<string, Send>()
  readonly #userOf = new Map<string, string>()
  /** Answers that stand before their command in the file. */
  readonly #early: Exclude<SendLine, Invoke>[] = []

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
      const sends = this.#stored.get(conversation.id) ?? []
      this.#checkNothingInvented(conversation, sends)
      checkRealTime(sends, this.#verdict)
      checkFifo(sends, this.#verdict)
    }
    this.#typed.end()
    for (const sends of this.#stored.values()) for (const send of sends) if (send) this.#count(send)
    for (const send of this.#absent.values()) this.#count(send)
  }

  #count({ invoke, endedAt, wasUnknown }: Send): void {
    this.#operations.add(invoke.t, endedAt, wasUnknown || endedAt === undefined)
  }

  #begin(invoke: Invoke): void {
    const { conv, user, cmid } = invoke
    this.#userOf.set(invoke.proc, user)
    const conversation = this.#expected.conversations.get(conv)
    const stored = conversation?.find(user, cmid)
    const send: Send = { invoke, stored, ackedAt: Number.POSITIVE_INFINITY, endedAt: undefined, wasUnknown: false, isFailed: false }
    // A command that is known already is a retry: the same operation.
    if (!conversation || !stored) {
      getOrMake(this.#absent, keyOf(conv, user, cmid), () => send)
      return
    }
    const sends = getOrMake(this.#stored, conv, () => new Array<Send | undefined>(conversation.head).fill(undefined))
    if (sends[stored.seq - 1]) return
    sends[stored.seq - 1] = send
    if (!isSame(invoke, stored, conversation)) this.#verdict.add('C10', `stored otherwise than it was sent: ${invoke.cmid}`, invoke, stored)
  }

  /** Whether there is a command that it answers. */
  #answer(line: Exclude<SendLine, Invoke>): boolean {
    const send = this.#find(line)
    if (!send) return false
    send.endedAt = Math.max(send.endedAt ?? 0, line.t)
    if (line.type === 'info') send.wasUnknown = true
    else if (line.type === 'ok') this.#ok(send, line)
    else this.#fail(send, line)
    return true
  }

  #ok(send: Send, ok: Ok): void {
    const { invoke, stored, ackedAt, isFailed } = send
    if (!stored && ackedAt === Number.POSITIVE_INFINITY) this.#verdict.add('C1', `acked, and not in the log: ${invoke.cmid}`, invoke, ok)
    if (stored && (ok.seq !== stored.seq || ok.messageId !== stored.messageId))
      this.#verdict.add('C4', `acked as ${ok.seq} ${ok.messageId}, stored as ${stored.seq} ${stored.messageId}: ${invoke.cmid}`, ok, stored)
    if (isFailed) this.#verdict.add('C4', `acked and refused: ${invoke.cmid}`, invoke, ok)
    send.ackedAt = Math.min(ackedAt, ok.t)
  }

  #fail(send: Send, fail: SendLine): void {
    const { invoke, stored, ackedAt } = send
    if (stored) this.#verdict.add('C5', `refused, and yet in the log: ${invoke.cmid}`, invoke, fail, stored)
    if (ackedAt !== Number.POSITIVE_INFINITY) this.#verdict.add('C4', `acked and refused: ${invoke.cmid}`, invoke, fail)
    send.isFailed = true
  }

  #find({ proc, conv, cmid }: Exclude<SendLine, Invoke>): Send | undefined {
    const user = this.#userOf.get(proc)
    if (user === undefined) return undefined
    const stored = this.#expected.conversations.get(conv)?.find(user, cmid)
    return stored ? this.#stored.get(conv)?.[stored.seq - 1] : this.#absent.get(keyOf(conv, user, cmid))
  }

  /** What stands in the log was sent by somebody. Changes of groups are looked at by themselves. */
  #checkNothingInvented(conversation: ExpectedConversation, sends: readonly (Send | undefined)[]): void {
    for (const stored of conversation.log) {
      if (!sentKinds.has(stored.kind) || sends[stored.seq - 1]) continue
      // The twin of a command is no invention: C2 has it.
      if (conversation.find(stored.senderId, stored.cmid) === stored) this.#typed.find(stored)
    }
  }
}

const keyOf = (conv: string, user: string, cmid: string) => `${conv} ${user} ${cmid}`

function isSame(invoke: Invoke, stored: Stored, conversation: ExpectedConversation): boolean {
  if (stored.kind !== invoke.kind || stored.target !== invoke.target) return false
  const subject = stored.kind === 'edit' ? (stored.target as number) : stored.seq
  return stored.hash === hashOf(invoke.hash) || conversation.isDeleted(subject)
}
