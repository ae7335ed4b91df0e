/** One device: the real SDK over a real socket, with an ear on everything it tells the application. */
import { type Client, type ClientEvent, createClient, type Session, type Store } from '@godwit/client'
import { bodyHash } from '@godwit/history/shown.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { HeldLog } from './held-log.ts'
import { type CounterName, type Counters, type Histogram, now, type Recorder, type Unstamped } from './recorder.ts'
import { type Content, sendContent } from './send-content.ts'
import { plainFetch, tappedWebSocket } from './sockets.ts'

/** A history line before the device puts its name on it. */
type Unsigned<L = Unstamped> = L extends Unstamped ? Omit<L, 'proc'> : never

export interface DeviceOptions {
  readonly session: Session
  /** Of the proxy. */
  readonly url: string
  readonly store: Store
  readonly recorder: Recorder
  readonly counters: Counters
  /** From the append to the application, for entries that came live. */
  readonly latency: Histogram
}

const countedAs: Record<Content['kind'], CounterName> = { message: 'messages', edit: 'edits', delete: 'deletes', reaction: 'reactions' }

/** Entries that followed one another, not written down yet. */
interface Run {
  readonly from: number
  to: number
  /** When the last of them was told. */
  t: number
  lagMs?: number
}

/** One that came later than this ends its run, so that the history says when it was. */
const lateMs = 1_000

export class Device {
  readonly id: string
  readonly userId: UserId
  readonly held = new Map<ConversationId, HeldLog>()
  /** Own messages, for something to edit: the newest of each conversation. */
  readonly mine = new Map<ConversationId, number[]>()
  readonly #o: DeviceOptions
  #client: Client
  #stopListening: () => void = () => {}
  /** Commands without an outcome, by id, with their conversation. */
  readonly #pending = new Map<ClientMsgId, ConversationId>()
  readonly #runs = new Map<ConversationId, Run>()
  readonly #cursors = new Map<ConversationId, number>()
  #frames = 0
  #repeated = 0
  #isOnline = false
  isAway = false
  isRestarting = false

  constructor(options: DeviceOptions) {
    this.#o = options
    this.id = options.session.deviceId
    this.userId = options.session.userId
    this.#client = this.#open()
  }

  get client(): Client {
    return this.#client
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Connected, caught up, with nothing unsent, and told of all that its rows name. */
  get isQuiet(): boolean {
    const state = this.#client.connection.get()
    if (state.status !== 'online' || state.syncing || this.#pending.size > 0) return false
    return this.#client.conversations.get().every((row) => (this.held.get(row.conversationId)?.last ?? 0) >= row.head)
  }

  /** Where the SDK keeps it: it has been renewed since the sign-up. */
  async token(): Promise<string> {
    const kept = (await this.#o.store.get('session')) as Session | undefined
    return (kept ?? this.#o.session).accessToken
  }

  connect(): void {
    this.isAway = false
    this.#record({ op: 'connect', type: 'invoke', user: this.userId })
    // It goes on trying by itself; what it cannot recover from is seen at the end.
    this.#client.connect().catch(() => {})
  }

  async disconnect(): Promise<void> {
    this.isAway = true
    await this.#client.close()
  }

  /** The application ends and starts again on what its store has. */
  async restart(): Promise<void> {
    this.isRestarting = true
    await this.#client.close()
    // Of an application that has ended nothing is heard any more, late answers included.
    this.#stopListening()
    this.#client = this.#open()
    await this.#client.load()
    this.isRestarting = false
    this.connect()
  }

  send(conversationId: ConversationId, content: Content): void {
    const conversation = this.#client.conversation(conversationId)
    const { counters } = this.#o
    const sending = sendContent(conversation, content)
    const { kind } = content
    const target = 'target' in content ? content.target : null
    this.#record({
      op: 'send',
      type: 'invoke',
      user: this.userId,
      conv: conversationId,
      cmid: sending.clientMsgId,
      kind,
      target,
      hash: bodyHash(kind, content),
    })
    this.#pending.set(sending.clientMsgId, conversationId)
    counters.add('started')
    counters.add('pending')
    counters.add(countedAs[kind])
    sending.stored.catch(() => {})
    sending.acked.then(
      (acked) => this.#acked(acked),
      (error: unknown) => this.#refused(conversationId, sending.clientMsgId, error),
    )
  }

  markRead(conversationId: ConversationId): void {
    const seq = this.held.get(conversationId)?.last ?? 0
    if (seq === 0) return
    this.#record({ op: 'read', type: 'invoke', user: this.userId, conv: conversationId, seq })
    this.#client.conversation(conversationId).markRead(seq)
    this.#o.counters.add('started')
    this.#o.counters.add('reads')
  }

  /** A change of a group, over HTTP: `change` is the kind of the entry it makes. */
  async change(conv: ConversationId, change: string, subject: string, run: () => Promise<void>): Promise<void> {
    const id = crypto.randomUUID()
    const { counters } = this.#o
    this.#record({ op: 'change', type: 'invoke', user: this.userId, conv, id, change, subject })
    counters.add('started')
    counters.add('changes')
    counters.add('pending')
    try {
      await run()
      this.#record({ op: 'change', type: 'ok', id })
    } catch (error) {
      const code = error instanceof GodwitError ? error.code : String(error)
      const isFinal = error instanceof GodwitError && error.retry === 'never'
      this.#record({ op: 'change', type: isFinal ? 'fail' : 'info', id, code })
    }
    counters.add('pending', -1)
  }

  /** What is shown in the end: the list, each row, and the entries that the application holds. */
  recordViews(): void {
    for (const conv of this.#runs.keys()) this.#flushRun(conv)
    this.#record({ op: 'raw', type: 'ok', frames: this.#frames, repeated: this.#repeated })
    const rows = this.#client.conversations.get()
    this.#record({ op: 'list', type: 'ok', user: this.userId, order: rows.map(({ conversationId }) => conversationId) })
    for (const row of rows) {
      const { conversationId: conv, head, read, unread, mentions, name, role, memberCount, peer, lastActivityAt: at } = row
      const entries = this.held.get(conv)?.digests() ?? { spans: [], data: '' }
      this.#record({
        op: 'view',
        type: 'ok',
        user: this.userId,
        conv,
        head,
        at,
        read,
        unread,
        mentions,
        name,
        role,
        memberCount,
        peer,
        entries,
      })
    }
  }

  #open(): Client {
    const { session, url, store } = this.#o
    const client = createClient({
      url,
      session,
      store,
      since: 'start',
      fetch: plainFetch,
      WebSocket: tappedWebSocket((frame) => this.#count(frame)),
    })
    this.#stopListening = client.on('*', (event) => this.#hear(event))
    return client
  }

  #hear(event: ClientEvent): void {
    switch (event.type) {
      case 'entry':
        this.#told(event.conversationId, event.entry, event.asOf, event.live)
        break
      case 'connection':
        this.#setOnline(event.connection.status === 'online')
        break
      case 'synced':
        this.#record({ op: 'connect', type: 'ok' })
        break
      case 'reset':
        this.held.clear()
        this.#runs.clear()
        this.#cursors.clear()
        this.#record({ op: 'reset', type: 'info' })
        break
      case 'conversation':
        this.#cursor(event.conversation.conversationId, event.conversation.read)
        break
      case 'outbox':
        if (event.item.failure && event.change !== 'removed') this.#discardLater(event.item.conversationId, event.item.clientMsgId)
    }
  }

  #told(conv: ConversationId, entry: FoldedEntry, asOf: number, live: boolean): void {
    this.#o.counters.add('told')
    const lagMs = live ? Math.max(0, Date.now() - entry.at) : 0
    if (live) this.#o.latency.add(lagMs)
    const log = this.held.get(conv) ?? new HeldLog()
    this.held.set(conv, log)
    const told = log.tell(entry, asOf)
    const run = this.#runs.get(conv)
    const { seq } = entry
    if (told === 'next' && run) Object.assign(run, { to: seq, t: now() })
    else {
      this.#flushRun(conv)
      this.#runs.set(conv, { from: seq, to: seq, t: now() })
    }
    if (live) this.#late(conv, lagMs)
    if (told === 'again') this.#flushRun(conv)
    if (entry.senderId !== this.userId) return
    if (entry.kind === 'message' && !entry.deleted) this.mine.set(conv, [...(this.mine.get(conv) ?? []), entry.seq].slice(-20))
    // Of a command that was given before a restart, no promise is left: the log tells.
    if (this.#pending.has(entry.clientMsgId)) this.#acked({ ...entry, conversationId: conv })
  }

  #late(conv: ConversationId, lagMs: number): void {
    const run = this.#runs.get(conv) as Run
    run.lagMs = Math.max(lagMs, run.lagMs ?? 0)
    if (lagMs > lateMs) this.#flushRun(conv)
  }

  /** Entries as they come over the wire: a repeat is one that the application has. */
  #count(frame: string): void {
    if (!frame.startsWith('{"type":"entry"')) return
    const { entry } = JSON.parse(frame) as { entry: FoldedEntry }
    this.#frames++
    if (entry.seq <= (this.held.get(entry.conversationId)?.last ?? 0)) this.#repeated++
  }

  #acked({
    conversationId,
    clientMsgId,
    seq,
    messageId,
  }: {
    conversationId: ConversationId
    clientMsgId: ClientMsgId
    seq: number
    messageId: string
  }): void {
    this.#record({ op: 'send', type: 'ok', conv: conversationId, cmid: clientMsgId, seq, messageId })
    if (this.#pending.delete(clientMsgId)) {
      this.#o.counters.add('acked')
      this.#o.counters.add('pending', -1)
    }
  }

  #refused(conv: ConversationId, cmid: ClientMsgId, error: unknown): void {
    if (!this.#pending.delete(cmid)) return
    const code = error instanceof GodwitError ? error.code : String(error)
    const isFinal = error instanceof GodwitError && error.retry === 'never'
    this.#record({ op: 'send', type: isFinal ? 'fail' : 'info', conv, cmid, code })
    this.#o.counters.add('refused')
    this.#o.counters.add('pending', -1)
  }

  /** As a user would: what was refused for good is taken off the screen. */
  #discardLater(conv: ConversationId, cmid: ClientMsgId): void {
    const client = this.#client
    setImmediate(() => {
      client.conversation(conv).discard(cmid)
      this.#refused(conv, cmid, new GodwitError('FORBIDDEN', 'refused before a restart'))
    })
  }

  #cursor(conv: ConversationId, read: number): void {
    if (this.#cursors.get(conv) === read) return
    this.#cursors.set(conv, read)
    this.#record({ op: 'cursor', type: 'ok', conv, read })
  }

  #setOnline(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return
    this.#isOnline = isOnline
    this.#o.counters.add('online', isOnline ? 1 : -1)
    if (isOnline) return
    if (this.isAway || this.isRestarting) this.#record({ op: 'connect', type: 'info' })
    else this.#record({ op: 'connect', type: 'invoke', user: this.userId })
    // What was under way may have happened or not, until a retry with the same id is answered.
    for (const [cmid, conv] of this.#pending) this.#record({ op: 'send', type: 'info', conv, cmid, code: 'LINK_LOST' })
  }

  #flushRun(conv: ConversationId): void {
    const run = this.#runs.get(conv)
    if (!run) return
    this.#runs.delete(conv)
    this.#record({ op: 'deliver', type: 'ok', conv, ...run })
  }

  #record(line: Unsigned): void {
    this.#o.recorder.record({ proc: this.id, ...line } as Unstamped)
  }
}
