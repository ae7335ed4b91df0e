/**
 * What the laws say everybody should see, from the raw log alone: membership (L6), folding of edits, deletions and reactions, unread
 * (L8), order of the list. Written apart from the server's and the client's code on purpose: it is the second opinion.
 */
import type { CursorRow, Dump, LogEntry } from './dump.ts'
import { addTo, getOrMake } from './maps.ts'
import { contains, Membership, type Span } from './membership.ts'
import { messageDigest } from './shown.ts'
import { type Stored, sentKinds, storedOf } from './stored.ts'

/** From here on a count says no more than "more". */
export const unreadCap = 1_000

const noAmendments: readonly Stored[] = []

/** One conversation's log, with everything derived from it. */
export class ExpectedConversation {
  readonly id: string
  readonly kind: string
  /** seq 1 first. */
  readonly log: Stored[] = []
  /** Of `log`: what is no message, edit, deletion or reaction. */
  readonly changes: Stored[] = []
  readonly membership = new Membership()
  readonly #commands = new Map<string, Map<string, Stored>>()
  readonly #amendments = new Map<number, Stored[]>()
  readonly #mentioned = new Set<string>()
  /** By seq, for the counting of what is unread: who wrote the message there, as a number; 0 for what is no message. */
  readonly #authors: number[] = [0]
  readonly #numbers = new Map<string, number>()
  /** By seq: that of the first deletion; 0 without one. */
  readonly #deletedAt: number[] = [0]
  readonly #spans = new Map<string, readonly Span[]>()
  #folded: Uint32Array | undefined

  constructor(id: string, kind: string) {
    this.id = id
    this.kind = kind
  }

  /** Answers the first entry of the same command: this one, or the one whose twin it is. */
  add(entry: LogEntry): Stored {
    const stored = storedOf(entry)
    this.log.push(stored)
    this.#authors.push(stored.kind === 'message' ? getOrMake(this.#numbers, stored.senderId, () => this.#numbers.size + 1) : 0)
    this.#deletedAt.push(0)
    if (!sentKinds.has(stored.kind)) this.changes.push(stored)
    if (stored.detail?.mentions) for (const user of stored.detail.mentions) this.#mentioned.add(user)
    this.membership.follow(entry)
    if (stored.target !== null) this.#amend(stored, stored.target)
    const ofSender = getOrMake(this.#commands, stored.senderId, () => new Map())
    const first = ofSender.get(stored.cmid)
    if (!first) ofSender.set(stored.cmid, stored)
    return first ?? stored
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

  /** The entry that a command made: the first, should there be two. */
  find(sender: string, cmid: string): Stored | undefined {
    return this.#commands.get(sender)?.get(cmid)
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
   * The digest of what a user sees at `seq`; null where two answers are right: the message was deleted when this user could no
   * longer be told, so a device that held it may show it, and one that asks now is shown a tombstone.
   */
  digestFor(seq: number, spans: readonly Span[]): number | null {
    const [first] = spans
    const seesAll = spans.length === 1 && first !== undefined && first[1] === this.head
    if (seesAll) return this.#foldedAt(seq)
    if (this.isDeleted(seq) && !contains(spans, this.#deletedAt[seq] as number)) return null
    return this.#fold(this.log[seq - 1] as Stored, (amendment) => contains(spans, amendment.seq))
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
      if ((edit ?? (this.log[seq - 1] as Stored)).detail?.mentions?.includes(user)) mentions++
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
    return last === undefined ? null : (this.log[last - 1] as Stored).at
  }

  #amend(amendment: Stored, target: number): void {
    addTo(this.#amendments, target, amendment)
    if (amendment.kind === 'delete' && this.#deletedAt[target] === 0) this.#deletedAt[target] = amendment.seq
  }

  #amendmentsOf(seq: number): readonly Stored[] {
    return this.#amendments.get(seq) ?? noAmendments
  }

  /** As one sees it who sees everything. */
  #foldedAt(seq: number): number {
    this.#folded ??= Uint32Array.from(this.log, (entry) => this.#fold(entry, () => true))
    return this.#folded[seq - 1] as number
  }

  #fold(entry: Stored, sees: (amendment: Stored) => boolean): number {
    const base = entry.base >>> 0
    if (entry.kind !== 'message') return base
    const seen = this.#amendmentsOf(entry.seq).filter((amendment) => amendment.kind === 'delete' || sees(amendment))
    const edit = seen.findLast(({ kind }) => kind === 'edit')
    const reactions = new Set<string>()
    for (const { detail } of seen) {
      if (detail?.reaction?.on) reactions.add(detail.reaction.key)
      else if (detail?.reaction) reactions.delete(detail.reaction.key)
    }
    return messageDigest(base, {
      body: (edit ?? entry).body >>> 0,
      replyTo: entry.detail?.replyTo,
      editedSeq: edit?.seq,
      deletedBy: seen.find(({ kind }) => kind === 'delete')?.senderId,
      reactions,
    })
  }
}

export class Expected {
  readonly conversations = new Map<string, ExpectedConversation>()
  readonly cursors = new Map<string, CursorRow>()
  #ofUser: ReadonlyMap<string, readonly ExpectedConversation[]> | undefined

  /** Reads the dump once; `look` sees every entry, the conversation that it stands in, and the first entry of its command. */
  constructor(dump: Dump, look?: (entry: LogEntry, conversation: ExpectedConversation, first: Stored) => void) {
    for (const entry of dump.entries) {
      const { conv, content } = entry
      const conversation = getOrMake(this.conversations, conv, () => new ExpectedConversation(conv, content.conversation ?? 'group'))
      const first = conversation.add(entry)
      look?.(entry, conversation, first)
    }
    for (const cursor of dump.cursors) this.cursors.set(`${cursor.conv} ${cursor.user}`, cursor)
  }

  /** Those that this user is or was a member of. */
  conversationsOf(user: string): readonly ExpectedConversation[] {
    this.#ofUser ??= this.#byUser()
    return this.#ofUser.get(user) ?? []
  }

  /** How far a user has read, and need not: the cursor, or the joining. */
  readUpTo(conv: string, user: string): number {
    const joined = this.conversations.get(conv)?.membership.joined.get(user) ?? 0
    return Math.max(this.cursors.get(`${conv} ${user}`)?.read ?? 0, joined)
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
