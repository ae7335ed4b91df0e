/** What this device knows of one conversation: the row of the list, the log and the figures, folded forward entry by entry. */

import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { type FoldedEntry, isAmendment, isMembership } from '@godwit/protocol/entry.ts'
import { applyAmendment } from '@godwit/protocol/fold.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags, ConversationSummary } from '@godwit/protocol/summary.ts'
import { Log, type Position, type Range, type Reported } from './log.ts'
import { Unread } from './unread.ts'

/** A summary without its entries; read and figures are those of `Unread`. */
export type Facts = Omit<ConversationSummary, 'entries'>

/** How the store keeps it. */
export interface StoredConversation {
  readonly facts: Facts
  readonly factsAsOf: number
  readonly position: Position
  /** The row was to be asked for, and no answer has come. */
  readonly unsure: boolean
}

export class ConversationState {
  readonly id: ConversationId
  readonly log: Log
  readonly unread: Unread
  /** Entries up to here happened while the device was away. */
  awayHead: number
  /** Fetching found nothing more up to this head; only a higher one is worth another try. */
  stuckAt = 0
  /** Where the position was when this process read it. */
  readonly restoredTo: number
  /** The store may hold older entries of the tail that were not read yet. */
  tailStored: boolean
  readonly #me: UserId
  #facts: Facts
  /** Membership entries up to here are in the facts. */
  #factsAsOf: number
  /** Flags were set elsewhere, or the message of the preview was deleted and none before it is held. */
  #unsure: boolean

  constructor({ facts, factsAsOf, position, unsure }: StoredConversation, me: UserId, tailStored: boolean) {
    this.id = facts.conversationId
    this.log = new Log(position)
    this.unread = new Unread(facts.read, facts, facts.head)
    this.#unsure = unsure
    this.awayHead = facts.head
    this.restoredTo = position.to
    this.tailStored = tailStored
    this.#me = me
    this.#facts = facts
    this.#factsAsOf = factsAsOf
  }

  get facts(): Facts {
    return { ...this.#facts, read: this.unread.read, ...this.unread.figures }
  }

  get head(): number {
    return this.#facts.head
  }

  /** The row says less than the server knows: it has to be asked for. */
  get unsure(): boolean {
    return this.unread.unsure || this.#unsure
  }

  get behind(): boolean {
    return this.log.to < this.head && this.stuckAt < this.head
  }

  get stored(): StoredConversation {
    return { facts: this.facts, factsAsOf: this.#factsAsOf, position: this.log.position, unsure: this.unsure }
  }

  /** A head that somebody named: what is below it and not here is fetched. */
  raiseHead(head: number): void {
    if (head > this.head) this.#facts = { ...this.#facts, head }
  }

  /** The server's row, which may be older than what has come since. */
  apply(summary: ConversationSummary): readonly Reported[] {
    const { entries, ...facts } = summary
    // Who is a member no more sees no further, whatever head was named; but a row from before they were added again is an old one.
    const stale = facts.head < this.head && (facts.role !== null || facts.head < this.#factsAsOf)
    const { head, count, lastActivityAt, preview, name, role, memberCount, history } = this.#facts
    // A cursor moves without the head: an answer on its way may be older than a `receipt` that overtook it (L8).
    const peer = facts.peer && this.#facts.peer ? furthest(facts.peer, this.#facts.peer) : facts.peer
    this.#facts = stale
      ? {
          ...facts,
          head,
          count,
          lastActivityAt,
          preview,
          ...(facts.head < this.#factsAsOf ? { name, role, memberCount, history } : {}),
          peer,
        }
      : { ...facts, peer }
    this.#factsAsOf = Math.max(this.#factsAsOf, facts.head)
    this.#unsure &&= stale
    const reported = this.#takeNewest(entries, facts.first, facts.head)
    this.unread.correct(facts.read, facts, facts.head, this.log, this.head, this.#me)
    return reported
  }

  /** Only after `log` has reported it: folds an entry into row and figures. */
  report(reported: Reported): void {
    const { entry } = reported.held
    this.raiseHead(entry.seq)
    const { preview } = this.#facts
    if (entry.seq >= this.head) this.#facts = { ...this.#facts, count: entry.count, lastActivityAt: entry.at }
    if (entry.kind === 'message' && !entry.deleted && entry.seq >= (preview?.seq ?? 0)) this.#facts = { ...this.#facts, preview: entry }
    if (preview && isAmendment(entry) && entry.target === preview.seq)
      this.#previewAmended(reported.changed?.after.entry ?? (entry.kind === 'reaction' ? preview : applyAmendment(preview, entry)))
    if (isMembership(entry) && entry.seq > this.#factsAsOf) this.#foldMembership(entry)
    this.unread.report(reported, this.log, this.head, this.#me)
  }

  /** Answers whether the cursor moved. Never beyond what was reported: one cannot have read more. */
  markRead(seq: number): boolean {
    return this.unread.advance(Math.min(seq, Math.max(this.log.to, this.unread.read)), this.log, this.head, this.#me)
  }

  /** What the server says of the row besides its head and peer. Answers whether it was news. */
  compare(read: number, flags: ConversationFlags): boolean {
    const isFlagged = !sameFlags(flags, this.#facts.flags)
    this.#unsure ||= isFlagged
    return this.unread.readElsewhere(read, this.log, this.head, this.#me) || isFlagged
  }

  /** One's own reading, as the server has counted what is left up to `head`: another server may not have heard of all that is here. */
  correctUnread({ read, head = this.head, unread, mentions }: DownFrameOf<'read'>): void {
    this.unread.correct(read, { unread, mentions }, head, this.log, this.head, this.#me)
  }

  /** The other one of a `direct` conversation. Answers whether a cursor moved. */
  advancePeer(delivered: number, read: number): boolean {
    const { peer } = this.#facts
    if (!peer || (delivered <= peer.delivered && read <= peer.read)) return false
    this.#facts = { ...this.#facts, peer: furthest(peer, { delivered, read }) }
    return true
  }

  /** What lies below the position and one is entitled to by now, because the history was opened. */
  lateRange(): Range | null {
    const { first, history } = this.#facts
    const { from } = this.log.position
    if (first < from) this.log.openHole([first, from - 1])
    return history === 'all' ? (this.log.position.holes[0] ?? null) : null
  }

  #takeNewest(entries: readonly FoldedEntry[], first: number, asOf: number): readonly Reported[] {
    const oldest = entries[0]
    if (!oldest) return []
    // Entries that begin at the first one entitled to leave nothing out below.
    const after = oldest.seq === first ? Math.min(oldest.seq - 1, this.log.to) : oldest.seq - 1
    return this.log.takeRun(after, entries, asOf)
  }

  /** Also where the device does not hold the message: the text of a deleted one is gone for all. */
  #previewAmended(message: FoldedEntry): void {
    const preview = message.deleted
      ? (this.log.tail.findLast(({ entry }) => entry.kind === 'message' && !entry.deleted)?.entry ?? null)
      : message
    this.#unsure ||= preview === null
    this.#facts = { ...this.#facts, preview }
  }

  #foldMembership(entry: FoldedEntry): void {
    this.#factsAsOf = entry.seq
    const facts = this.#facts
    const me = this.#me
    if (entry.kind === 'renamed') this.#facts = { ...facts, name: entry.name }
    else if (entry.kind === 'settings') this.#facts = { ...facts, history: entry.history }
    else if (entry.kind === 'role' && entry.userId === me) this.#facts = { ...facts, role: entry.role }
    else if (entry.kind === 'added') {
      const mine = entry.members.find(({ userId }) => userId === me)
      this.#facts = { ...facts, memberCount: facts.memberCount + entry.members.length, ...(mine ? { role: mine.role } : {}) }
    } else if (entry.kind === 'removed')
      this.#facts = { ...facts, memberCount: facts.memberCount - 1, ...(entry.userId === me ? { role: null } : {}) }
  }
}

function sameFlags(one: ConversationFlags, other: ConversationFlags): boolean {
  return one.muted === other.muted && one.archived === other.archived && one.pinned === other.pinned
}

function furthest(a: { delivered: number; read: number }, b: { delivered: number; read: number }) {
  return { delivered: Math.max(a.delivered, b.delivered), read: Math.max(a.read, b.read) }
}
