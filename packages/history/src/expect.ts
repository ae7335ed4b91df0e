/**
 * What the laws say everybody should see, from the raw log alone: membership (L6), folding of edits, deletions and reactions, unread
 * (L8), order of the list. Written apart from the server's and the client's code on purpose: it is the second opinion.
 */
import type { CursorRow, Dump, LogEntry } from './dump.ts'
import { addTo, getOrMake } from './maps.ts'
import { contains, Membership, type Span } from './membership.ts'
import { type Readable, readableOf } from './readable.ts'
import { messageDigest } from './shown.ts'

/** From here on a count says no more than "more". */
export const unreadCap = 1_000

const noAmendments: readonly Readable[] = []
const noReactions: ReadonlySet<string> = new Set()

/** One conversation's log, with everything derived from it. */
export class ExpectedConversation {
  readonly id: string
  readonly kind: string
  /** seq 1 first. */
  readonly log: Readable[] = []
  readonly membership = new Membership()
  readonly #amendments = new Map<number, Readable[]>()
  readonly #mentioned = new Set<string>()
  /** By seq, for the counting of what is unread: who wrote the message there, as a number; 0 for what is no message. */
  readonly #authors: number[] = [0]
  readonly #numbers = new Map<string, number>()
  /** By seq: that of the first deletion; 0 without one. */
  readonly #deletedAt: number[] = [0]
  readonly #spans = new Map<string, readonly Span[]>()
  readonly #cursors = new Map<string, CursorRow>()
  #folded: Uint32Array | undefined

  constructor(id: string, kind: string) {
    this.id = id
    this.kind = kind
  }

  add(entry: LogEntry): void {
    const readable = readableOf(entry)
    this.log.push(readable)
    this.#authors.push(readable.kind === 'message' ? getOrMake(this.#numbers, readable.senderId, () => this.#numbers.size + 1) : 0)
    this.#deletedAt.push(0)
    if (readable.detail?.mentions) for (const user of readable.detail.mentions) this.#mentioned.add(user)
    this.membership.follow(entry)
    if (readable.target !== null) this.#amend(readable, readable.target)
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
    return this.log.length
  }

  get members(): ReadonlyMap<string, string> {
    return this.membership.members
  }

  get name(): string | null {
    return this.membership.name
  }

  isDeleted(seq: number): boolean {
    return (this.#deletedAt[seq] ?? 0) > 0
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

  /**
   * The digests of what a user sees, by seq; null where two answers are right: the message was deleted when this user could no
   * longer be told, so a device that held it may show it, and one that asks now is shown a tombstone.
   */
  digestsFor(spans: readonly Span[]): (seq: number) => number | null {
    const folded = this.#foldedForAll()
    const isTold = (amendment: Readable) => contains(spans, amendment.seq)
    const isMember = spans.length === 1 && spans[0]?.[1] === this.head
    return (seq) => {
      const amendments = isMember ? undefined : this.#amendments.get(seq)
      if (!amendments || amendments.every(isTold)) return folded[seq - 1] as number
      if (this.isDeleted(seq) && !contains(spans, this.#deletedAt[seq] as number)) return null
      return this.#fold(this.log[seq - 1] as Readable, isTold)
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
    const me = this.#numbers.get(user)
    for (let seq = read + 1; seq <= to; seq++) {
      const author = this.#authors[seq]
      if (author === 0 || author === me) continue
      const deletedAt = this.#deletedAt[seq] as number
      if (deletedAt > 0 && deletedAt <= to) continue
      unread++
      if (deletedAt > 0) deletedSince++
      // Of one who is still a member nothing can change what is above the cap.
      if (unread >= unreadCap && to === this.head) break
      if (!isMentioned) continue
      const edit = this.#amendmentsOf(seq).findLast(({ kind, seq: at }) => kind === 'edit' && at <= to)
      if ((edit ?? (this.log[seq - 1] as Readable)).detail?.mentions?.includes(user)) mentions++
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
    return last === undefined ? null : (this.log[last - 1] as Readable).at
  }

  #amend(amendment: Readable, target: number): void {
    addTo(this.#amendments, target, amendment)
    if (amendment.kind === 'delete' && this.#deletedAt[target] === 0) this.#deletedAt[target] = amendment.seq
  }

  #amendmentsOf(seq: number): readonly Readable[] {
    return this.#amendments.get(seq) ?? noAmendments
  }

  /** As those see it who see every amendment. */
  #foldedForAll(): Uint32Array {
    if (this.#folded) return this.#folded
    this.#folded = new Uint32Array(this.head)
    for (const entry of this.log) this.#folded[entry.seq - 1] = this.#fold(entry, () => true)
    return this.#folded
  }

  #fold(entry: Readable, sees: (amendment: Readable) => boolean): number {
    const base = entry.base >>> 0
    if (entry.kind !== 'message') return base
    const replyTo = entry.detail?.replyTo
    const amendments = this.#amendments.get(entry.seq)
    if (!amendments)
      return messageDigest(base, { body: entry.body >>> 0, replyTo, editedSeq: undefined, deletedBy: undefined, reactions: noReactions })
    const seen = amendments.filter((amendment) => amendment.kind === 'delete' || sees(amendment))
    const edit = seen.findLast(({ kind }) => kind === 'edit')
    const reactions = new Set<string>()
    for (const { detail } of seen) {
      if (detail?.reaction?.on) reactions.add(detail.reaction.key)
      else if (detail?.reaction) reactions.delete(detail.reaction.key)
    }
    return messageDigest(base, {
      body: (edit ?? entry).body >>> 0,
      replyTo,
      editedSeq: edit?.seq,
      deletedBy: seen.find(({ kind }) => kind === 'delete')?.senderId,
      reactions,
    })
  }
}

export class Expected {
  readonly conversations = new Map<string, ExpectedConversation>()
  #ofUser: ReadonlyMap<string, readonly ExpectedConversation[]> | undefined

  constructor({ entries, cursors }: Dump = { entries: [], cursors: [] }) {
    for (const entry of entries) this.add(entry)
    for (const cursor of cursors) this.setCursor(cursor)
  }

  add(entry: LogEntry): void {
    const { conv, content } = entry
    getOrMake(this.conversations, conv, () => new ExpectedConversation(conv, content.conversation ?? 'group')).add(entry)
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
