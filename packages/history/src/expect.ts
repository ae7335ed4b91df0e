/**
 * What the laws say everybody should see, from the raw log alone: membership (L6), folding of edits, deletions and reactions, unread
 * (L8), order of the list. Written apart from the server's and the client's code on purpose: it is the second opinion.
 */
import type { Dump, LogEntry } from './dump.ts'
import { baseDigest, bodyDigest, messageDigest } from './shown.ts'

export type Span = readonly [from: number, to: number]

const unreadCap = 1_000

/** One conversation's log, with everything derived from it. */
export class ExpectedConversation {
  readonly id: string
  /** seq 1 first. */
  readonly log: readonly LogEntry[]
  readonly kind: string
  readonly members = new Map<string, string>()
  /** seq of the entry that last made a user a member: what is older is not unread (L8). */
  readonly joined = new Map<string, number>()
  name: string | null = null
  #history = 'joined'
  readonly #spans = new Map<string, { from: number; to: number | null }[]>()
  readonly #amendments: ReadonlyMap<number, readonly LogEntry[]>
  readonly #deletions = new Map<number, LogEntry>()
  readonly #bases: Uint32Array
  readonly #folded: Uint32Array

  constructor(id: string, log: readonly LogEntry[]) {
    this.id = id
    this.log = log
    this.kind = log[0]?.content.conversation ?? 'group'
    this.#amendments = Map.groupBy(
      log.filter(({ target }) => target !== null),
      ({ target }) => target as number,
    )
    for (const entry of log) {
      this.#follow(entry)
      if (entry.kind === 'delete' && !this.#deletions.has(entry.target as number)) this.#deletions.set(entry.target as number, entry)
    }
    this.#bases = Uint32Array.from(log, (entry) => baseDigest(entry, entry.content))
    this.#folded = Uint32Array.from(log, (entry) => this.#fold(entry, () => true))
  }

  get head(): number {
    return this.log.length
  }

  get lastAt(): number {
    return this.log.at(-1)?.at ?? 0
  }

  /** Everybody who is or was a member. */
  get everyone(): Iterable<string> {
    return this.#spans.keys()
  }

  peerOf(user: string): string | null {
    if (this.kind !== 'direct') return null
    return [...this.members.keys()].find((member) => member !== user) ?? null
  }

  /** What a user is entitled to: rising, apart from each other. */
  spansOf(user: string): readonly Span[] {
    const spans: [number, number][] = []
    const rising = [...(this.#spans.get(user) ?? [])].sort((a, b) => a.from - b.from)
    for (const { from, to } of rising) {
      const last = spans.at(-1)
      const end = to ?? this.head
      if (last && from <= last[1] + 1) last[1] = Math.max(last[1], end)
      else spans.push([from, end])
    }
    return spans
  }

  /**
   * The digest of what a user sees at `seq`; null where two answers are right: the message was deleted when this user could no
   * longer be told, so a device that held it may show it, and one that asks now is shown a tombstone.
   */
  digestFor(seq: number, spans: readonly Span[]): number | null {
    const deletion = this.#deletions.get(seq)
    if (deletion && !contains(spans, deletion.seq)) return null
    const [first] = spans
    const seesAll = spans.length === 1 && first !== undefined && first[1] === this.head
    if (seesAll) return this.#folded[seq - 1] as number
    return this.#fold(this.log[seq - 1] as LogEntry, (amendment) => contains(spans, amendment.seq))
  }

  /**
   * Messages above `read`, of others, not deleted as far as the user could be told. One who has left is told of no later deletion,
   * and yet is shown the tombstone when he asks: of the messages `deletedSince`, any number may be missing from the count.
   */
  unread(user: string, read: number): { readonly unread: number; readonly mentions: number; readonly deletedSince: number } {
    const spans = this.spansOf(user)
    const to = spans.at(-1)?.[1] ?? 0
    let unread = 0
    let mentions = 0
    let deletedSince = 0
    for (let seq = read + 1; seq <= to; seq++) {
      const entry = this.log[seq - 1] as LogEntry
      if (entry.kind !== 'message' || entry.senderId === user) continue
      const deletion = this.#deletions.get(seq)
      if (deletion && deletion.seq <= to) continue
      unread++
      if (deletion) deletedSince++
      const edit = this.#amendments.get(seq)?.findLast(({ kind, seq: at }) => kind === 'edit' && at <= to)
      if ((edit ?? entry).content.mentions?.includes(user)) mentions++
    }
    return { unread: Math.min(unread, unreadCap), mentions: Math.min(mentions, unreadCap), deletedSince }
  }

  /** The last seq a user may see; undefined for one who was never a member. */
  lastFor(user: string): number | undefined {
    return this.spansOf(user).at(-1)?.[1]
  }

  /** Unix ms that places it in this user's list; null for one who was never a member. */
  activityFor(user: string): number | null {
    const last = this.spansOf(user).at(-1)
    return last ? (this.log[last[1] - 1] as LogEntry).at : null
  }

  #follow(entry: LogEntry): void {
    const { content, seq } = entry
    const open = (user: string, from: number) => {
      this.joined.set(user, seq)
      const stretches = this.#spans.get(user) ?? []
      this.#spans.set(user, [...stretches, { from, to: null }])
    }
    switch (entry.kind) {
      case 'created':
        this.name = content.name ?? null
        this.#history = content.history ?? 'joined'
        for (const { userId, role } of content.members ?? []) {
          open(userId, seq)
          this.members.set(userId, role)
        }
        break
      case 'added':
        for (const { userId, role } of content.members ?? []) {
          open(userId, this.#history === 'all' ? 1 : seq)
          this.members.set(userId, role)
        }
        break
      case 'removed': {
        const last = this.#spans.get(content.userId ?? '')?.at(-1)
        if (last) last.to = seq
        this.members.delete(content.userId ?? '')
        break
      }
      case 'role':
        this.members.set(content.userId ?? '', content.role ?? 'member')
        break
      case 'renamed':
        this.name = content.name ?? null
        break
      case 'settings':
        this.#history = content.history ?? 'joined'
        if (this.#history === 'all') for (const stretches of this.#spans.values()) openEarlier(stretches)
        break
    }
  }

  #fold(entry: LogEntry, sees: (amendment: LogEntry) => boolean): number {
    const base = this.#bases[entry.seq - 1] as number
    if (entry.kind !== 'message') return base
    const seen = (this.#amendments.get(entry.seq) ?? []).filter((amendment) => amendment.kind === 'delete' || sees(amendment))
    const deletion = seen.find(({ kind }) => kind === 'delete')
    const edit = seen.findLast(({ kind }) => kind === 'edit')
    const reactions = new Set<string>()
    for (const { kind, content, senderId } of seen) {
      if (kind !== 'reaction') continue
      if (content.on) reactions.add(`${content.emoji} ${senderId}`)
      else reactions.delete(`${content.emoji} ${senderId}`)
    }
    const { text = '', mentions } = (edit ?? entry).content
    return messageDigest(base, {
      body: bodyDigest(text, mentions),
      replyTo: entry.content.replyTo,
      editedSeq: edit?.seq,
      deletedBy: deletion?.senderId,
      reactions,
    })
  }
}

function openEarlier(stretches: { from: number; to: number | null }[]): void {
  const last = stretches.at(-1)
  if (last && last.to === null) last.from = 1
}

export function contains(spans: readonly Span[], seq: number): boolean {
  return spans.some(([from, to]) => seq >= from && seq <= to)
}

export class Expected {
  readonly conversations: ReadonlyMap<string, ExpectedConversation>
  readonly #ofUser = new Map<string, ExpectedConversation[]>()
  readonly #read = new Map<string, number>()

  constructor(dump: Dump) {
    const byConversation = Map.groupBy(dump.entries, ({ conv }) => conv)
    this.conversations = new Map([...byConversation].map(([id, log]) => [id, new ExpectedConversation(id, log)]))
    for (const conversation of this.conversations.values())
      for (const user of conversation.everyone) this.#ofUser.set(user, [...(this.#ofUser.get(user) ?? []), conversation])
    for (const { conv, user, read } of dump.cursors) this.#read.set(`${conv} ${user}`, read)
  }

  /** Those that this user is or was a member of. */
  conversationsOf(user: string): readonly ExpectedConversation[] {
    return this.#ofUser.get(user) ?? []
  }

  /** How far a user has read, and need not: the cursor, or the joining. */
  readUpTo(conv: string, user: string): number {
    return Math.max(this.#read.get(`${conv} ${user}`) ?? 0, this.conversations.get(conv)?.joined.get(user) ?? 0)
  }

  /** By last activity, the newest first. */
  listOf(user: string): readonly { readonly conv: string; readonly at: number }[] {
    return this.conversationsOf(user)
      .map((conversation) => ({ conv: conversation.id, at: conversation.activityFor(user) ?? 0 }))
      .sort((a, b) => b.at - a.at || (a.conv < b.conv ? 1 : -1))
  }
}
