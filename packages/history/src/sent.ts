/**
 * The commands that made an entry of one conversation, by its seq. In columns and not as objects: of a million commands the objects
 * alone would take seconds.
 */
import type { CommandLog } from './commands.ts'
import type { LineOf } from './history.ts'
import type { Stored } from './stored.ts'

export type Invoke = LineOf<'send', 'invoke'>
export type Ok = LineOf<'send', 'ok'>

export class Sent {
  readonly conversation: CommandLog
  /** Device that gave it; undefined where no command is known. */
  readonly #procs: (string | undefined)[]
  readonly #lines: Uint32Array
  /** When it was given first. */
  readonly begunAt: Float64Array
  /** When it was acked first; infinite without an ack. */
  readonly ackedAt: Float64Array
  /** Of the last line about it; NaN without one. */
  readonly endedAt: Float64Array
  /** 1: a line says that its outcome is unknown. */
  readonly wasUnknown: Uint8Array
  /** 1: it was refused. */
  readonly isFailed: Uint8Array

  constructor(conversation: CommandLog) {
    const length = conversation.head + 1
    this.conversation = conversation
    this.#procs = new Array<string | undefined>(length).fill(undefined)
    this.#lines = new Uint32Array(length)
    this.begunAt = new Float64Array(length)
    this.ackedAt = new Float64Array(length).fill(Number.POSITIVE_INFINITY)
    this.endedAt = new Float64Array(length).fill(Number.NaN)
    this.wasUnknown = new Uint8Array(length)
    this.isFailed = new Uint8Array(length)
  }

  procOf(seq: number): string | undefined {
    return this.#procs[seq]
  }

  begin(seq: number, proc: string, { t, line = 0 }: Invoke): void {
    this.#procs[seq] = proc
    this.#lines[seq] = line
    this.begunAt[seq] = t
  }

  /** As it was given; what was given otherwise than it is stored C10 has shown. */
  invokeOf(seq: number): Invoke {
    const { conv, senderId: user, cmid, kind, target, hash } = this.#storedAt(seq)
    const line = this.#lines[seq] as number
    const t = this.begunAt[seq] as number
    const invoke = { t, proc: this.#procs[seq] ?? '', op: 'send', type: 'invoke', conv, user, cmid, kind, target } as const
    return { ...invoke, hash: (hash >>> 0).toString(16), ...(line > 0 ? { line } : {}) }
  }

  /** The first ack: it says what the log says, or C4 has shown it. */
  ackOf(seq: number): Ok {
    const { conv, cmid, messageId } = this.#storedAt(seq)
    const t = this.ackedAt[seq] as number
    return { t, proc: this.#procs[seq] ?? '', op: 'send', type: 'ok', conv, cmid, seq, messageId }
  }

  #storedAt(seq: number): Stored {
    return this.conversation.log[seq - 1] as Stored
  }
}
