/**
 * The commands that made an entry of one conversation, by its seq. Rows of numbers and not objects, which
 * of a million commands alone would take seconds.
 */
import type { CommandLog } from './commands.ts'
import type { LineOf } from './history.ts'
import type { Stored } from './stored.ts'

export type Invoke = LineOf<'send', 'invoke'>
export type Ok = LineOf<'send', 'ok'>

/** One row of 40 bytes a command. */
const column = { begunAt: 0, ackedAt: 1, endedAt: 2, line: 3, flags: 4 }
const width = 5
const unknown = 1
const failed = 2

export class Sent {
  readonly conversation: CommandLog
  /** Device that gave it; undefined where no command is known. */
  readonly #procs: (string | undefined)[]
  readonly #rows: Float64Array

  constructor(conversation: CommandLog) {
    const length = conversation.head + 1
    this.conversation = conversation
    this.#procs = new Array<string | undefined>(length).fill(undefined)
    this.#rows = new Float64Array(length * width)
  }

  procOf(seq: number): string | undefined {
    return this.#procs[seq]
  }

  begin(seq: number, proc: string, { t, line = 0 }: Invoke): void {
    this.#procs[seq] = proc
    const at = seq * width
    this.#rows[at + column.begunAt] = t
    this.#rows[at + column.ackedAt] = Number.POSITIVE_INFINITY
    this.#rows[at + column.endedAt] = Number.NaN
    this.#rows[at + column.line] = line
  }

  /** A line says that it was acked. */
  ack(seq: number, t: number): void {
    this.#end(seq, t)
    this.#rows[seq * width + column.ackedAt] = Math.min(this.ackedAt(seq), t)
  }

  /** A line says that it was refused. */
  fail(seq: number, t: number): void {
    this.#end(seq, t)
    this.#rows[seq * width + column.flags] = this.#at(seq, column.flags) | failed
  }

  /** A line says that its outcome is unknown. */
  lose(seq: number, t: number): void {
    this.#end(seq, t)
    this.#rows[seq * width + column.flags] = this.#at(seq, column.flags) | unknown
  }

  /** When it was given first. */
  begunAt(seq: number): number {
    return this.#at(seq, column.begunAt)
  }

  /** When it was acked first; infinite without an ack. As all that follows, of a command that was begun. */
  ackedAt(seq: number): number {
    return this.#at(seq, column.ackedAt)
  }

  /** Of the last line about it; undefined without one. */
  endedAt(seq: number): number | undefined {
    const endedAt = this.#at(seq, column.endedAt)
    return Number.isNaN(endedAt) ? undefined : endedAt
  }

  wasUnknown(seq: number): boolean {
    return (this.#at(seq, column.flags) & unknown) > 0
  }

  isFailed(seq: number): boolean {
    return (this.#at(seq, column.flags) & failed) > 0
  }

  #end(seq: number, t: number): void {
    this.#rows[seq * width + column.endedAt] = Math.max(this.#at(seq, column.endedAt) || 0, t)
  }

  #at(seq: number, which: number): number {
    return this.#rows[seq * width + which] as number
  }

  /** As it was given; what was given otherwise than it is stored C10 has shown. */
  invokeOf(seq: number): Invoke {
    const { conv, senderId: user, cmid, kind, target, hash } = this.#storedAt(seq)
    const line = this.#at(seq, column.line)
    const t = this.begunAt(seq)
    const invoke = { t, proc: this.#procs[seq] ?? '', op: 'send', type: 'invoke', conv, user, cmid, kind, target } as const
    return { ...invoke, hash: (hash >>> 0).toString(16), ...(line > 0 ? { line } : {}) }
  }

  /** The first ack: it says what the log says, or C4 has shown it. */
  ackOf(seq: number): Ok {
    const { conv, cmid, messageId } = this.#storedAt(seq)
    const t = this.ackedAt(seq)
    return { t, proc: this.#procs[seq] ?? '', op: 'send', type: 'ok', conv, cmid, seq, messageId }
  }

  #storedAt(seq: number): Stored {
    return this.conversation.log[seq - 1] as Stored
  }
}
