/**
 * A server of a few hundred lines that speaks the real protocol: enough of it to hold a client to the laws. It keeps everything in
 * memory, decides in one place, and leaves out what a client cannot see (fsync, nodes, rates).
 */
import type { Page } from '@godwit/protocol/api.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import { type Entry, type EntryContent, type FoldedEntry, isAmendment, type Role } from '@godwit/protocol/entry.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import type { ErrorCode } from '@godwit/protocol/errors.ts'
import { fold } from '@godwit/protocol/fold.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags, ConversationOutline, ConversationSummary, UserProfile } from '@godwit/protocol/summary.ts'
import type { AppendFrame, UpFrame, UpFrameOf } from '@godwit/protocol/up.ts'
import type { SimClock } from './sim-clock.ts'

interface SimConversation {
  readonly id: ConversationId
  readonly kind: 'direct' | 'group'
  name: string | null
  readonly log: Entry[]
  readonly byCommand: Map<string, Entry>
  readonly members: Map<UserId, Role>
  /** Per user: seqs one may see. */
  readonly intervals: Map<UserId, { from: number; to: number | null }[]>
  history: 'joined' | 'all'
  changedAt: number
  /** Membership or somebody's flags. */
  factsChangedAt: number
}

export interface SimSession {
  readonly id: string
  readonly userId: UserId
  live: boolean
  readonly send: (frame: DownFrame) => void
  readonly close: (code: number, reason: string) => void
}

export interface Faults {
  /** Chances that a fanned-out entry is lost, doubled, or delayed out of order. */
  lose: number
  double: number
  delay: number
  /** Chances that a command is refused before, or its ack lost after, the append. */
  refuse: number
  loseAck: number
  /** Chance that a push other than an entry is lost: own reading, receipts, rows. */
  losePush: number
}

export const noFaults: Faults = { lose: 0, double: 0, delay: 0, refuse: 0, loseAck: 0, losePush: 0 }

const outlineOf = ({ conversationId, head, read, flags, peer }: ConversationSummary): ConversationOutline => {
  return { conversationId, head, read, flags, peer }
}

/** A mark is taken this much before now. */
const markSlackMs = 10_000

export class SimServer {
  readonly clock: SimClock
  readonly conversations = new Map<ConversationId, SimConversation>()
  readonly sessions = new Set<SimSession>()
  readonly reads = new Map<string, number>()
  readonly delivered = new Map<string, number>()
  readonly flags = new Map<string, ConversationFlags>()
  /** Names to show, of those who have one. */
  readonly names = new Map<UserId, string>()
  /** Frames received, of live sessions, for tests that look at the wire. */
  readonly heard: UpFrame[] = []
  faults: Faults = noFaults
  epoch = 'e1'
  resumeMax = 4_000
  #sessions = 0
  #messages = 0

  constructor(clock: SimClock) {
    this.clock = clock
  }

  create(id: ConversationId, kind: 'direct' | 'group', members: readonly UserId[], name: string | null = null): void {
    const [creator] = members
    if (!creator) throw new Error('nobody')
    const roles = members.map((userId): [UserId, Role] => [userId, kind === 'direct' || userId === creator ? 'owner' : 'member'])
    this.conversations.set(id, {
      id,
      kind,
      name,
      log: [],
      byCommand: new Map(),
      members: new Map(roles),
      intervals: new Map(members.map((userId) => [userId, [{ from: 1, to: null }]])),
      history: 'joined',
      changedAt: 0,
      factsChangedAt: 0,
    })
    const list = roles.map(([userId, role]) => ({ userId, role }))
    this.append(id, creator, `create-${id}`, { kind: 'created', conversation: kind, name, members: list, history: 'joined' })
  }

  conversation(id: ConversationId): SimConversation {
    const conversation = this.conversations.get(id)
    if (!conversation) throw new Error(`no conversation ${id}`)
    return conversation
  }

  add(id: ConversationId, by: UserId, userId: UserId): void {
    const conversation = this.conversation(id)
    conversation.members.set(userId, 'member')
    const intervals = conversation.intervals.get(userId) ?? []
    conversation.intervals.set(userId, [...intervals, { from: conversation.log.length + 1, to: null }])
    this.append(id, by, `add-${this.#messages}`, { kind: 'added', members: [{ userId, role: 'member' }] })
  }

  remove(id: ConversationId, by: UserId, userId: UserId): void {
    const conversation = this.conversation(id)
    this.append(id, by, `remove-${this.#messages}`, { kind: 'removed', userId })
    conversation.members.delete(userId)
    const open = conversation.intervals.get(userId)?.at(-1)
    if (open) open.to = conversation.log.length
  }

  openHistory(id: ConversationId, by: UserId): void {
    const conversation = this.conversation(id)
    conversation.history = 'all'
    for (const userId of conversation.members.keys()) conversation.intervals.set(userId, [{ from: 1, to: null }])
    this.append(id, by, `open-${this.#messages}`, { kind: 'settings', history: 'all' })
  }

  /** The one place that orders. */
  append(id: ConversationId, senderId: UserId, clientMsgId: string, content: EntryContent, except: SimSession | null = null): Entry {
    const conversation = this.conversation(id)
    const { log, byCommand } = conversation
    const last = log.at(-1)
    const seq = log.length + 1
    const amends = ['message', 'edit', 'delete', 'reaction'].includes(content.kind)
    const header = {
      conversationId: id,
      seq,
      messageId: String(++this.#messages),
      at: this.clock.now(),
      senderId,
      clientMsgId,
      count: (last?.count ?? 0) + (content.kind === 'message' ? 1 : 0),
      membershipSeq: amends ? (last?.membershipSeq ?? 0) : seq,
    }
    const entry = { ...header, ...content } as Entry
    log.push(entry)
    byCommand.set(`${senderId} ${clientMsgId}`, entry)
    this.#touch(id)
    if (!amends) conversation.factsChangedAt = this.clock.now()
    for (const session of this.sessions)
      if (session.live && session !== except && this.#sees(conversation, session.userId, seq)) this.#fanOut(session, entry)
    return entry
  }

  /** What a user is entitled to. */
  entitled(id: ConversationId, userId: UserId): readonly Entry[] {
    const conversation = this.conversation(id)
    return conversation.log.filter(({ seq }) => this.#sees(conversation, userId, seq))
  }

  folded(id: ConversationId, entry: Entry): FoldedEntry {
    return fold(entry, this.conversation(id).log.filter(isAmendment))
  }

  unread(id: ConversationId, userId: UserId): { unread: number; mentions: number } {
    const read = this.reads.get(`${id} ${userId}`) ?? 0
    const counted = this.entitled(id, userId)
      .map((entry) => this.folded(id, entry))
      .filter((entry) => entry.kind === 'message' && entry.seq > read && entry.senderId !== userId && !entry.deleted)
    const mentions = counted.filter((entry) => entry.kind === 'message' && entry.mentions?.includes(userId))
    return { unread: counted.length, mentions: mentions.length }
  }

  summary(id: ConversationId, userId: UserId): ConversationSummary {
    const conversation = this.conversation(id)
    const seen = this.entitled(id, userId)
    const head = seen.at(-1)
    const folded = seen.slice(-20).map((entry) => this.folded(id, entry))
    const peerId = conversation.kind === 'direct' ? ([...conversation.members.keys()].find((member) => member !== userId) ?? null) : null
    return {
      conversationId: id,
      kind: conversation.kind,
      name: conversation.name,
      peerId,
      role: conversation.members.get(userId) ?? null,
      memberCount: conversation.members.size,
      history: conversation.history,
      first: seen[0]?.seq ?? 1,
      head: head?.seq ?? 0,
      count: head?.count ?? 0,
      lastActivityAt: head?.at ?? 0,
      preview: folded.findLast((entry) => entry.kind === 'message' && !entry.deleted) ?? null,
      read: this.reads.get(`${id} ${userId}`) ?? 0,
      ...this.unread(id, userId),
      flags: this.flags.get(`${id} ${userId}`) ?? { muted: false, archived: false, pinned: false },
      peer: peerId ? { delivered: this.delivered.get(`${id} ${peerId}`) ?? 0, read: this.reads.get(`${id} ${peerId}`) ?? 0 } : null,
      entries: folded,
    }
  }

  summaries(userId: UserId): ConversationSummary[] {
    return [...this.conversations.values()].filter(({ intervals }) => intervals.has(userId)).map(({ id }) => this.summary(id, userId))
  }

  page(id: ConversationId, userId: UserId, query: { after?: number; before?: number; around?: number; limit: number }): Page {
    const seen = this.entitled(id, userId)
    const { after, before, around, limit } = query
    let start = Math.max(0, seen.length - limit)
    if (after !== undefined) start = seen.findIndex(({ seq }) => seq > after)
    else if (before !== undefined) start = Math.max(0, seen.filter(({ seq }) => seq < before).length - limit)
    else if (around !== undefined) start = Math.max(0, seen.filter(({ seq }) => seq < around).length - Math.floor(limit / 2))
    if (start < 0) start = seen.length
    const end = before === undefined ? start + limit : Math.min(start + limit, seen.filter(({ seq }) => seq < before).length)
    const entries = seen.slice(start, end)
    return {
      entries: entries.map((entry) => this.folded(id, entry)),
      head: seen.at(-1)?.seq ?? 0,
      first: seen[0]?.seq ?? 1,
      more: { before: start > 0, after: start + entries.length < seen.length },
      users: [],
    }
  }

  open(userId: UserId, send: (frame: DownFrame) => void, close: (code: number, reason: string) => void): SimSession {
    const session: SimSession = { id: `s${++this.#sessions}`, userId, live: false, send, close }
    this.sessions.add(session)
    const now = this.clock.now()
    send({
      type: 'welcome',
      sessionId: session.id,
      userId,
      deviceId: 'd_sim',
      epoch: this.epoch,
      serverTime: now,
      heartbeatMs: 30_000,
      tokenExpiresAt: now + 15 * 60_000,
    })
    return session
  }

  receive(session: SimSession, frame: UpFrame): void {
    this.heard.push(frame)
    switch (frame.type) {
      case 'resume':
        for (const { conversationId, seq } of frame.reads ?? []) this.read(session.userId, conversationId, seq)
        session.live = true
        session.send(this.#resume(session, frame))
        return
      case 'message':
      case 'edit':
      case 'delete':
      case 'reaction':
        this.#command(session, frame)
        return
      case 'ack':
        if (frame.status === 'read') this.read(session.userId, frame.conversationId, frame.seq)
        else this.deliver(session.userId, frame.conversationId, frame.seq)
        return
      case 'ping': {
        const changed = frame.mark ? this.#changed(session.userId, frame.mark) : []
        session.send({ type: 'pong', mark: this.#mark(), conversations: changed.map(outlineOf) })
        return
      }
      default:
        return
    }
  }

  setFlags(userId: UserId, id: ConversationId, flags: ConversationFlags): ConversationSummary {
    this.flags.set(`${id} ${userId}`, flags)
    this.#touch(id)
    this.conversation(id).factsChangedAt = this.clock.now()
    const summary = this.summary(id, userId)
    this.#push(userId, { type: 'conversations', conversations: [{ ...summary, entries: [] }], users: [] })
    return summary
  }

  /** Whoever looks is told. */
  rename(userId: UserId, displayName: string, lookers: readonly UserId[]): void {
    this.names.set(userId, displayName)
    for (const looker of lookers) this.#push(looker, { type: 'conversations', conversations: [], users: this.profiles([userId]) })
  }

  profiles(userIds: readonly UserId[]): UserProfile[] {
    return userIds.map((userId) => ({ userId, name: userId.slice(2), displayName: this.names.get(userId) ?? userId.slice(2) }))
  }

  deliver(userId: UserId, id: ConversationId, seq: number): void {
    const key = `${id} ${userId}`
    this.delivered.set(key, Math.max(this.delivered.get(key) ?? 0, seq))
    this.#touch(id)
    this.#tellPeer(userId, id)
  }

  read(userId: UserId, id: ConversationId, seq: number): void {
    const key = `${id} ${userId}`
    this.reads.set(key, Math.max(this.reads.get(key) ?? 0, seq))
    this.deliver(userId, id, seq)
    const head = this.entitled(id, userId).at(-1)?.seq ?? 0
    this.#push(userId, { type: 'read', conversationId: id, read: this.reads.get(key) ?? 0, head, ...this.unread(id, userId) })
  }

  #tellPeer(userId: UserId, id: ConversationId): void {
    const peer = [...this.conversation(id).members.keys()].find((member) => member !== userId)
    if (this.conversation(id).kind !== 'direct' || !peer) return
    const [delivered = 0, read = 0] = [this.delivered, this.reads].map((cursors) => cursors.get(`${id} ${userId}`))
    this.#push(peer, { type: 'receipt', conversationId: id, userId, delivered, read })
  }

  #push(userId: UserId, frame: DownFrame): void {
    for (const session of this.sessions)
      if (session.live && session.userId === userId && !this.clock.chance(this.faults.losePush)) session.send(frame)
  }

  #touch(id: ConversationId): void {
    this.conversation(id).changedAt = this.clock.now()
  }

  #mark(): string {
    return String(this.clock.now() - markSlackMs)
  }

  #changed(userId: UserId, mark: string): ConversationSummary[] {
    return this.summaries(userId).filter(({ conversationId }) => this.conversation(conversationId).changedAt >= Number(mark))
  }

  #resume(session: SimSession, { epoch, mark: given, outlines: inOutline }: UpFrameOf<'resume'>): DownFrame {
    const mark = this.#mark()
    if (given !== null && epoch !== this.epoch) return { type: 'reset', reason: 'epoch', epoch: this.epoch, mark }
    const changed = given === null ? this.summaries(session.userId) : this.#changed(session.userId, given)
    if (changed.length > this.resumeMax) return { type: 'reset', reason: 'too-many', epoch: this.epoch, mark }
    const isKnown = ({ conversationId: id, head }: ConversationSummary) =>
      given !== null && this.conversation(id).factsChangedAt < Number(given) && (this.delivered.get(`${id} ${session.userId}`) ?? 0) >= head
    const { told = [], outlined } = Object.groupBy(changed, (row) => (inOutline && isKnown(row) ? 'outlined' : 'told'))
    const outlines = outlined && { outlines: outlined.map(outlineOf) }
    return { type: 'resumed', epoch: this.epoch, mark, conversations: told, users: [], ...outlines }
  }

  #command(session: SimSession, frame: AppendFrame): void {
    const { userId } = session
    const { to, clientMsgId, after } = frame
    const refuse = (code: ErrorCode) =>
      session.send({ type: 'error', code, message: errorTable[code].message, conversationId: to, clientMsgId, retryAfterMs: 50 })
    if (this.clock.chance(this.faults.refuse)) {
      refuse(this.clock.pick(['UNKNOWN_OUTCOME', 'OVERLOADED', 'RATE_LIMITED'] as const))
      return
    }
    const conversation = this.conversations.get(to)
    const known = conversation?.byCommand.get(`${userId} ${clientMsgId}`)
    if (!known && after !== undefined && !conversation?.byCommand.has(`${userId} ${after}`)) {
      refuse('RETRY_IN_ORDER')
      return
    }
    if (!known && !conversation?.members.has(userId)) {
      refuse('FORBIDDEN')
      return
    }
    const entry = known ?? this.append(to, userId, clientMsgId, contentOf(frame), session)
    if (this.clock.chance(this.faults.loseAck)) return
    const { messageId, seq, at } = entry
    session.send({ type: 'ack', status: 'sent', conversationId: to, clientMsgId, messageId, seq, at, duplicate: known !== undefined })
  }

  #sees({ intervals }: SimConversation, userId: UserId, seq: number): boolean {
    return (intervals.get(userId) ?? []).some(({ from, to }) => seq >= from && (to === null || seq <= to))
  }

  #fanOut(session: SimSession, entry: Entry): void {
    const { clock, faults } = this
    if (clock.chance(faults.lose)) return
    const frame: DownFrame = { type: 'entry', entry }
    if (clock.chance(faults.double)) session.send(frame)
    if (clock.chance(faults.delay)) clock.setTimer(clock.random() * 400, () => session.live && session.send(frame))
    else session.send(frame)
  }
}

function contentOf(frame: AppendFrame): EntryContent {
  const { type, to: _to, clientMsgId: _id, after: _after, ...rest } = frame
  return { kind: type, ...rest } as EntryContent
}
