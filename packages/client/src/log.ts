/**
 * A conversation's log as this device reports it: a position that moves forward over each entry once, a buffer for what came too
 * early, and the newest entries with later amendments folded in. No I/O: whoever owns it fetches what is missing.
 */
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import { type Entry, type EntryContent, type FoldedEntry, isAmendment } from '@godwit/protocol/entry.ts'
import { applyAmendment } from '@godwit/protocol/fold.ts'
import type { ClientMsgId, ConversationId, MessageId, UserId } from '@godwit/protocol/ids.ts'

/** An entry, and the head as of which it is folded: amendments up to there are in it, later ones are still to be applied. */
export interface Held {
  readonly entry: FoldedEntry
  readonly asOf: number
}

/** One's own command as its ack made it an entry. Count and membership follow from the entry before it. */
export interface OwnSent {
  readonly conversationId: ConversationId
  readonly seq: number
  readonly messageId: MessageId
  readonly at: number
  readonly senderId: UserId
  readonly clientMsgId: ClientMsgId
  readonly content: EntryContent
}

export interface Position {
  /** Everything entitled up to here has been reported. */
  readonly to: number
  /** `count` and `membershipSeq` of the entry at `to`; null when unknown. */
  readonly count: number | null
  readonly membershipSeq: number | null
  /** Below `from` nothing has been reported. */
  readonly from: number
  /** Seqs between `from` and `to` that one was not entitled to when they were passed. */
  readonly holes: readonly Range[]
}

export type Range = readonly [from: number, to: number]

export interface Reported {
  readonly held: Held
  /** The message that this amendment has changed, before and after. */
  readonly changed: { readonly before: Held; readonly after: Held } | null
}

export class Log {
  #position: Position
  #tail: Held[] = []
  /** The tail no longer reaches back to where this process began. */
  #trimmed = false
  readonly #ahead = new Map<number, Held | OwnSent>()

  constructor(position: Position) {
    this.#position = position
  }

  get position(): Position {
    return this.#position
  }

  get to(): number {
    return this.#position.to
  }

  /** The newest entries reported, rising in seq, without gaps but those of `holes`. */
  get tail(): readonly Held[] {
    return this.#tail
  }

  /** The tail has every entry above `seq`. */
  covers(seq: number): boolean {
    const oldest = this.#tail[0]
    return seq >= this.to || (oldest !== undefined && oldest.entry.seq <= seq + 1)
  }

  find(seq: number): Held | null {
    const index = this.#indexOf(seq)
    return index < 0 ? null : (this.#tail[index] ?? null)
  }

  /** One entry, in any order, any number of times. Answers what can be reported now. */
  offer(item: Held | OwnSent): readonly Reported[] {
    const seq = seqOf(item)
    if (seq <= this.to) return []
    const known = this.#ahead.get(seq)
    if (!known || freshness(item) > freshness(known)) {
      if (this.#ahead.size < limits.clientEarlyEntriesMax || seq === this.to + 1) this.#ahead.set(seq, item)
    }
    return this.#drain()
  }

  /**
   * Entries that the server says follow `after` without gaps, but for seqs one is not entitled to. Answers what can be reported
   * now: nothing when `after` is beyond the position.
   */
  takeRun(after: number, entries: readonly FoldedEntry[], asOf: number): readonly Reported[] {
    if (after > this.to) return entries.flatMap((entry) => this.offer({ entry, asOf }))
    const reported: Reported[] = []
    for (const entry of entries) {
      if (entry.seq <= this.to) continue
      const early = this.#ahead.get(entry.seq)
      reported.push(this.#report(early && 'entry' in early && early.asOf > asOf ? early : { entry, asOf }))
    }
    for (const seq of this.#ahead.keys()) if (seq <= this.to) this.#ahead.delete(seq)
    return [...reported, ...this.#drain()]
  }

  /** What the store kept of the tail, once it is read. Entries reported since are newer, and may amend it. */
  prepend(stored: readonly Held[]): void {
    if (this.#trimmed) return
    const oldest = this.#tail[0]?.entry.seq ?? Number.POSITIVE_INFINITY
    const older = stored.filter(({ entry }) => entry.seq < oldest && entry.seq <= this.to)
    this.#tail = [...older.map((held) => this.amended(held)), ...this.#tail]
  }

  /** Applies the amendments of the tail that `held` does not have yet: they may have come before their target. */
  amended(held: Held): Held {
    let { entry, asOf } = held
    for (const { entry: later } of this.#tail) {
      if (!isAmendment(later) || later.target !== entry.seq || later.seq <= asOf) continue
      entry = applyAmendment(entry, later)
      asOf = later.seq
    }
    return asOf === held.asOf ? held : { entry, asOf }
  }

  /** Seqs below the position that one has become entitled to. */
  openHole(range: Range): void {
    this.#position = { ...this.#position, from: Math.min(this.#position.from, range[0]), holes: [...this.#position.holes, range] }
  }

  /** Entries of a hole are reported late, and are no part of the tail. */
  fillHole(hole: Range, upTo: number): void {
    const rest: readonly Range[] = upTo >= hole[1] ? [] : [[upTo + 1, hole[1]]]
    this.#position = { ...this.#position, holes: this.#position.holes.flatMap((one) => (one === hole ? rest : [one])) }
  }

  #drain(): readonly Reported[] {
    const reported: Reported[] = []
    for (;;) {
      const next = this.#ahead.get(this.to + 1)
      const held = next && ('entry' in next ? next : this.#complete(next))
      if (!held) return reported
      this.#ahead.delete(held.entry.seq)
      reported.push(this.#report(held))
    }
  }

  #complete({ content, ...header }: OwnSent): Held | null {
    const { count, membershipSeq } = this.#position
    if (count === null || membershipSeq === null) return null
    const entry = { ...header, ...content, count: count + (content.kind === 'message' ? 1 : 0), membershipSeq } as Entry
    return { entry, asOf: entry.seq }
  }

  #report(held: Held): Reported {
    const { entry } = held
    const skipped: readonly Range[] = entry.seq > this.to + 1 ? [[this.to + 1, entry.seq - 1]] : []
    this.#position = {
      to: entry.seq,
      count: entry.count,
      membershipSeq: entry.membershipSeq,
      from: this.#position.from,
      holes: [...this.#position.holes, ...skipped],
    }
    const changed = this.#amend(entry)
    this.#tail.push(held)
    if (this.#tail.length > limits.clientTailEntriesMax) {
      this.#tail = this.#tail.slice(-limits.clientTailEntriesMax / 2)
      this.#trimmed = true
    }
    return { held, changed }
  }

  #amend(entry: FoldedEntry): Reported['changed'] {
    if (!isAmendment(entry)) return null
    const index = this.#indexOf(entry.target)
    const before = this.#tail[index]
    if (!before || before.asOf >= entry.seq) return null
    const after: Held = { entry: applyAmendment(before.entry, entry), asOf: entry.seq }
    this.#tail[index] = after
    return after.entry === before.entry ? null : { before, after }
  }

  #indexOf(seq: number): number {
    let low = 0
    let high = this.#tail.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.#tail[middle]?.entry.seq ?? 0
      if (found === seq) return middle
      if (found < seq) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}

function seqOf(item: Held | OwnSent): number {
  return 'entry' in item ? item.entry.seq : item.seq
}

function freshness(item: Held | OwnSent): number {
  return 'entry' in item ? item.asOf : -1
}
