/**
 * What an application that keeps its own copy knows of one conversation, fed by the SDK's `entry` events alone: entries as digests,
 * with later edits, deletions and reactions folded in. An entry that arrives folded as of `asOf` has those up to there in it already.
 */

import { baseDigest, bodyDigest, type Digests, messageDigest, packDigests } from '@godwit/history/shown.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'

type Told = 'next' | 'after-gap' | 'again'

export class HeldLog {
  /** Contiguous stretches, rising. */
  readonly spans: [from: number, to: number][] = []
  #bases = new Uint32Array(16)
  #bodies = new Uint32Array(16)
  #asOf = new Uint32Array(16)
  #count = 0
  readonly #messages = new Set<number>()
  readonly #replyTo = new Map<number, number>()
  readonly #edited = new Map<number, number>()
  readonly #deletedBy = new Map<number, string>()
  readonly #reactions = new Map<number, Map<string, { readonly seq: number; readonly on: boolean }>>()

  get last(): number {
    return this.spans.at(-1)?.[1] ?? 0
  }

  /** Messages among the newest, for something to react to: at most `count` seqs. */
  recentMessages(count: number): number[] {
    const found: number[] = []
    const [from, to] = this.spans.at(-1) ?? [1, 0]
    for (let seq = to; seq >= from && found.length < count && to - seq < 200; seq--)
      if (this.#messages.has(seq) && !this.#deletedBy.has(seq)) found.push(seq)
    return found
  }

  /** `after-gap` may be right: between two intervals of membership. */
  tell(entry: FoldedEntry, asOf: number): Told {
    const { seq } = entry
    if (seq <= this.last) return 'again'
    const isNext = seq === this.last + 1
    const span = this.spans.at(-1)
    if (isNext && span) span[1] = seq
    else this.spans.push([seq, seq])
    this.#add(entry, asOf)
    if ('target' in entry) this.#amend(entry)
    return isNext ? 'next' : 'after-gap'
  }

  digests(): Digests {
    const digests = new Uint32Array(this.#count)
    let i = 0
    for (const [from, to] of this.spans) for (let seq = from; seq <= to; seq++) digests[i] = this.#digestAt(i++, seq)
    return packDigests(this.spans, digests)
  }

  #add(entry: FoldedEntry, asOf: number): void {
    if (this.#count === this.#bases.length) this.#grow()
    const { seq } = entry
    this.#bases[this.#count] = baseDigest(entry, entry)
    this.#asOf[this.#count] = Math.max(asOf, seq)
    if (entry.kind === 'message') {
      this.#messages.add(seq)
      this.#bodies[this.#count] = bodyDigest(entry.text, entry.mentions)
      if (entry.replyTo !== undefined) this.#replyTo.set(seq, entry.replyTo)
      if (entry.edited) this.#edited.set(seq, entry.edited.seq)
      if (entry.deleted) this.#deletedBy.set(seq, entry.deleted.by)
      for (const { emoji, by } of entry.reactions ?? [])
        for (const { userId, seq: since } of by) this.#react(seq, `${emoji} ${userId}`, since, true)
    }
    this.#count++
  }

  #amend(entry: Extract<FoldedEntry, { target: number }>): void {
    const { target, seq } = entry
    const i = this.#indexOf(target)
    // One that was in the entry already would be folded twice; one whose target lies before one's time changes nothing.
    if (i === undefined || seq <= (this.#asOf[i] as number)) return
    if (entry.kind === 'reaction') this.#react(target, `${entry.emoji} ${entry.senderId}`, seq, entry.on)
    else if (entry.kind === 'delete') {
      if (!this.#deletedBy.has(target)) this.#deletedBy.set(target, entry.senderId)
    } else if (!this.#deletedBy.has(target) && seq > (this.#edited.get(target) ?? 0)) {
      this.#edited.set(target, seq)
      this.#bodies[i] = bodyDigest(entry.text, entry.mentions)
    }
  }

  #react(seq: number, key: string, at: number, on: boolean): void {
    const reactions = this.#reactions.get(seq) ?? new Map()
    this.#reactions.set(seq, reactions)
    if (at > (reactions.get(key)?.seq ?? 0)) reactions.set(key, { seq: at, on })
  }

  #digestAt(i: number, seq: number): number {
    const base = this.#bases[i] as number
    if (!this.#messages.has(seq)) return base
    return messageDigest(base, {
      body: this.#bodies[i] as number,
      replyTo: this.#replyTo.get(seq),
      editedSeq: this.#edited.get(seq),
      deletedBy: this.#deletedBy.get(seq),
      reactions: [...(this.#reactions.get(seq) ?? [])].filter(([, { on }]) => on).map(([key]) => key),
    })
  }

  #indexOf(seq: number): number | undefined {
    let before = 0
    for (const [from, to] of this.spans) {
      if (seq < from) return undefined
      if (seq <= to) return before + seq - from
      before += to - from + 1
    }
    return undefined
  }

  #grow(): void {
    const doubled = (from: Uint32Array) => {
      const to = new Uint32Array(from.length * 2)
      to.set(from)
      return to
    }
    this.#bases = doubled(this.#bases)
    this.#bodies = doubled(this.#bodies)
    this.#asOf = doubled(this.#asOf)
  }
}
