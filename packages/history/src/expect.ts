/**
 * What the laws say everybody should see, from the raw log alone: membership (L6), folding of edits, deletions and reactions, unread
 * (L8), order of the list. Written apart from the server's and the client's code on purpose: it is the second opinion.
 */
import type { CursorRow, Dump, LogEntry } from './dump.ts'
import { addTo, getOrMake } from './maps.ts'
import { contains, Membership, type Span } from './membership.ts'
import { Numbers } from './numbers.ts'
import { ReadableLog } from './readable.ts'
import { messageDigest } from './shown.ts'

/** From here on a count says no more than "more". */
export const unreadCap = 1_000

const noAmendments: readonly number[] = []
const noReactions: readonly string[] = []

/** One conversation's log, with everything derived from it. */
export class ExpectedConversation {
  readonly id: string
  readonly kind: string
  readonly log: ReadableLog
  readonly membership = new Membership()
  /** Their seqs, by that of the message. */
  readonly #amendments = new Map<number, number[]>()
  readonly #mentioned = new Set<string>()
  readonly #spans = new Map<string, readonly Span[]>()
  readonly #cursors = new Map<string, CursorRow>()
  #folded: Uint32Array | undefined

  constructor(id: string, kind: string, numbers: Numbers) {
    this.id = id
    this.kind = kind
    this.log = new ReadableLog(id, numbers)
  }

  add(entry: LogEntry): void {
    const { seq, kind, target, content } = entry
    this.log.add(entry)
    if (content.mentions) for (const user of content.mentions) this.#mentioned.add(user)
    this.membership.follow(entry)
    if (target === null) return
    addTo(this.#amendments, target, seq)
    if (kind === 'delete') this.log.setDeleted(target, seq)
  }

  /** The cursors of a user, as stored. */
  setCursor(cursor: CursorRow): void {
    this.#cursors.set(cursor.user, cursor)
  }

  cursorOf(user: string): CursorRow | undefined {
    return this.#cursors.get(user)
  }

  /** How far a user has read, and need not: the cursor, or the joining. */
  readUpTo(user: string): number {
    return Math.max(this.#cursors.get(user)?.read ?? 0, this.membership.joined.get(user) ?? 0)
  }

  get head(): number {
    return this.log.head
  }

  get members(): ReadonlyMap<string, string> {
    return this.membership.members
  }

  get name(): string | null {
    return this.membership.name
  }

  isDeleted(seq: number): boolean {
    return this.log.deletedAt(seq) > 0
  }

  isAmended(seq: number): boolean {
    return this.#amendments.has(seq)
  }

  peerOf(user: string): string | null {
    if (this.kind !== 'direct') return null
    return [...this.members.keys()].find((member) => member !== user) ?? null
  }

  /** What a user is entitled to: rising, apart from each other. */
  spansOf(user: string): readonly Span[] {
    return getOrMake(this.#spans, user, () => this.membership.spansOf(user, this.head))
  }

  /** The digests from a seq to the head, as those see them who see every amendment. */
  digestsFrom(seq: number): Uint32Array {
    return this.#foldedForAll().subarray(seq)
  }

  /**
   * The digests of what a user sees, by seq; null where two answers are right: the message was deleted when this user could no
   * longer be told, so a device that held it may show it, and one that asks now is shown a tombstone.
   */
  digestsFor(spans: readonly Span[]): (seq: number) => number | null {
    const folded = this.#foldedForAll()
    if (spans.length === 1 && spans[0]?.[1] === this.head) return (seq) => folded[seq] as number
    const isTold = (amendment: number) => contains(spans, amendment)
    return (seq) => {
      if (this.#amendmentsOf(seq).every(isTold)) return folded[seq] as number
      if (this.isDeleted(seq) && !contains(spans, this.log.deletedAt(seq))) return null
      return this.#fold(seq, isTold)
    }
  }

  /**
   * Messages above `read`, of others, not deleted as far as the user could be told. One who has left is told of no later deletion,
   * and yet is shown the tombstone when he asks: of the messages `deletedSince`, any number may be missing from the count.
   */
  unread(user: string, read: number): { readonly unread: number; readonly mentions: number; readonly deletedSince: number } {
    const to = this.lastFor(user) ?? 0
    let unread = 0
    let mentions = 0
    let deletedSince = 0
    const isMentioned = this.#mentioned.has(user)
    for (let seq = read + 1; seq <= to; seq++) {
      if (this.log.kindAt(seq) !== 'message' || this.log.senderAt(seq) === user) continue
      const deletedAt = this.log.deletedAt(seq)
      if (deletedAt > 0 && deletedAt <= to) continue
      unread++
      if (deletedAt > 0) deletedSince++
      // Of one who is still a member nothing can change what is above the cap.
      if (unread >= unreadCap && to === this.head) break
      if (!isMentioned) continue
      const edit = this.#amendmentsOf(seq).findLast((at) => this.log.kindAt(at) === 'edit' && at <= to)
      if (this.log.detailAt(edit ?? seq)?.mentions?.includes(user)) mentions++
    }
    return { unread: Math.min(unread, unreadCap), mentions: Math.min(mentions, unreadCap), deletedSince }
  }

  /** The last seq a user may see; undefined for one who was never a member. */
  lastFor(user: string): number | undefined {
    return this.spansOf(user).at(-1)?.[1]
  }

  /** Unix ms that places it in this user's list; null for one who was never a member. */
  activityFor(user: string): number | null {
    const last = this.lastFor(user)
    return last === undefined ? null : this.log.timeAt(last)
  }

  #amendmentsOf(seq: number): readonly number[] {
    return this.#amendments.get(seq) ?? noAmendments
  }

  /** By seq: as those see it who see every amendment. */
  #foldedForAll(): Uint32Array {
    if (this.#folded) return this.#folded
    const folded = new Uint32Array(this.head + 1)
    for (let seq = 1; seq <= this.head; seq++) folded[seq] = this.#fold(seq, () => true)
    this.#folded = folded
    return folded
  }

  #fold(seq: number, sees: (amendment: number) => boolean): number {
    const { log } = this
    const base = log.baseAt(seq)
    if (log.kindAt(seq) !== 'message') return base
    const replyTo = log.detailAt(seq)?.replyTo
    const amendments = this.#amendments.get(seq)
    const body = log.bodyAt(seq)
    if (!amendments) return messageDigest(base, { body, replyTo, editedSeq: undefined, deletedBy: undefined, reactions: noReactions })
    const seen = amendments.filter((amendment) => log.kindAt(amendment) === 'delete' || sees(amendment))
    const edit = seen.findLast((amendment) => log.kindAt(amendment) === 'edit')
    const deletion = seen.find((amendment) => log.kindAt(amendment) === 'delete')
    const reactions = new Set<string>()
    for (const amendment of seen) {
      const reaction = log.detailAt(amendment)?.reaction
      if (reaction?.on) reactions.add(reaction.key)
      else if (reaction) reactions.delete(reaction.key)
    }
    return messageDigest(base, {
      body: edit === undefined ? body : log.bodyAt(edit),
      replyTo,
      editedSeq: edit,
      deletedBy: deletion === undefined ? undefined : log.senderAt(deletion),
      reactions,
    })
  }
}

export class Expected {
  readonly conversations = new Map<string, ExpectedConversation>()
  readonly #numbers = new Numbers()
  #ofUser: ReadonlyMap<string, readonly ExpectedConversation[]> | undefined

  constructor({ entries, cursors }: Dump = { entries: [], cursors: [] }) {
    for (const entry of entries) this.add(entry)
    for (const cursor of cursors) this.setCursor(cursor)
  }

  add(entry: LogEntry): void {
    const { conv, content } = entry
    const make = () => new ExpectedConversation(conv, content.conversation ?? 'group', this.#numbers)
    getOrMake(this.conversations, conv, make).add(entry)
  }

  setCursor(cursor: CursorRow): void {
    this.conversations.get(cursor.conv)?.setCursor(cursor)
  }

  /** Those that this user is or was a member of. */
  conversationsOf(user: string): readonly ExpectedConversation[] {
    this.#ofUser ??= this.#byUser()
    return this.#ofUser.get(user) ?? []
  }

  /** By last activity, the newest first. */
  listOf(user: string): readonly { readonly conv: string; readonly at: number }[] {
    return this.conversationsOf(user)
      .map((conversation) => ({ conv: conversation.id, at: conversation.activityFor(user) ?? 0 }))
      .sort((a, b) => b.at - a.at || (a.conv < b.conv ? 1 : -1))
  }

  #byUser(): Map<string, ExpectedConversation[]> {
    const ofUser = new Map<string, ExpectedConversation[]>()
    for (const conversation of this.conversations.values())
      for (const user of conversation.membership.everyone) addTo(ofUser, user, conversation)
    return ofUser
  }
}
