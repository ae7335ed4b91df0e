/**
 * What the judge keeps of the entries of a conversation to tell what their readers see: digests in the place of texts, so that memory
 * follows the number of entries and not their size, and rows of numbers in the place of objects: fewer places to look at.
 */
import type { LogEntry } from './dump.ts'
import type { Numbers } from './numbers.ts'
import { baseDigest, bodyDigest } from './shown.ts'
import type { EntryRef } from './verdict.ts'

/** Most messages have none of it. */
export interface Detail {
  readonly mentions: readonly string[] | undefined
  readonly replyTo: number | undefined
  readonly reaction: { readonly key: string; readonly on: boolean } | undefined
}

/** Markup, other spaces than the usual one, and those that melt away. */
const notPlain = /[*_`~<>|\\]|[^\S ]|^ | $| {2}/

/** One row of 36 bytes an entry. */
const column = { base: 0, body: 1, line: 2, sender: 3, kind: 4, timeHigh: 5, timeLow: 6, deletedAt: 7, isPlain: 8 }
const width = 9

/** All by seq, from 1. */
export class ReadableLog {
  readonly #conv: string
  readonly #numbers: Numbers
  #rows = new Int32Array(16 * width)
  #head = 0
  readonly #details: (Detail | undefined)[] = [undefined]

  /** `numbers` are those of kinds and senders. */
  constructor(conv: string, numbers: Numbers) {
    this.#conv = conv
    this.#numbers = numbers
  }

  get head(): number {
    return this.#head
  }

  /** The next one. */
  add(entry: LogEntry): void {
    const { kind, senderId, at, content, line = 0 } = entry
    const seq = ++this.#head
    const from = seq * width
    if (from === this.#rows.length) this.#rows = widened(this.#rows)
    const rows = this.#rows
    rows[from + column.base] = baseDigest(entry, content)
    rows[from + column.body] = bodyDigest(content.text ?? '', content.mentions)
    rows[from + column.line] = line
    rows[from + column.sender] = this.#numbers.of(senderId)
    rows[from + column.kind] = this.#numbers.of(kind)
    rows[from + column.timeHigh] = at / 2 ** 32
    rows[from + column.timeLow] = at
    rows[from + column.isPlain] = kind === 'message' && !notPlain.test(content.text ?? '') ? 1 : 0
    this.#details.push(detailOf(entry))
  }

  kindAt(seq: number): string {
    return this.#numbers.nameOf(this.#at(seq, column.kind))
  }

  senderAt(seq: number): string {
    return this.#numbers.nameOf(this.#at(seq, column.sender))
  }

  /** Unix ms. */
  timeAt(seq: number): number {
    return this.#at(seq, column.timeHigh) * 2 ** 32 + (this.#at(seq, column.timeLow) >>> 0)
  }

  baseAt(seq: number): number {
    return this.#at(seq, column.base) >>> 0
  }

  bodyAt(seq: number): number {
    return this.#at(seq, column.body) >>> 0
  }

  detailAt(seq: number): Detail | undefined {
    return this.#details[seq]
  }

  /** seq of the first deletion; 0 without one. */
  deletedAt(seq: number): number {
    return this.#at(seq, column.deletedAt)
  }

  /** What is not there yet stays as it is. */
  setDeleted(seq: number, by: number): void {
    if (seq <= this.#head && this.deletedAt(seq) === 0) this.#rows[seq * width + column.deletedAt] = by
  }

  /** A page shows it letter by letter: a message without markup or spaces that melt together. */
  isPlain(seq: number): boolean {
    return this.#at(seq, column.isPlain) === 1
  }

  refTo(seq: number): EntryRef {
    const line = this.#at(seq, column.line)
    return { conv: this.#conv, seq, senderId: this.senderAt(seq), kind: this.kindAt(seq), ...(line > 0 ? { line } : {}) }
  }

  /** 0 where there is no entry. */
  #at(seq: number, which: number): number {
    return seq > this.#head ? 0 : (this.#rows[seq * width + which] as number)
  }
}

function widened(rows: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(rows.length * 2)
  wide.set(rows)
  return wide
}

function detailOf({ kind, senderId, content }: LogEntry): Detail | undefined {
  const { mentions, replyTo, emoji, on = false } = content
  const reaction = kind === 'reaction' ? { key: `${emoji} ${senderId}`, on } : undefined
  if (mentions === undefined && replyTo === undefined && reaction === undefined) return undefined
  return { mentions, replyTo, reaction }
}
