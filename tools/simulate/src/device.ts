/**
 * One device: the real SDK on a store that survives it, and the application above, which keeps what it is told. The process may end, or
 * be killed at any moment; the application has everything it was told up to then, the SDK what its store has.
 */
import { type Client, type ClientEvent, createClient, type Pair, type Session } from '@godwit/client'
import { SimDisk, SimStore } from '@godwit/client/testing/sim-store.ts'
import { bodyHash } from '@godwit/history/shown.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import type { DownFrame } from '@godwit/protocol/down.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { HeldLog } from '../../load/src/drive/held-log.ts'
import { type Content, sendContent } from '../../load/src/drive/send-content.ts'
import { clientClock, type Skew } from './clocks.ts'
import type { Entitlement } from './entitlement.ts'
import type { Link } from './link.ts'
import type { Network } from './network.ts'
import { Process } from './process.ts'
import type { PushOrder } from './push-order.ts'
import { Reading } from './reading.ts'
import type { Unstamped } from './recorder.ts'
import { failureOf, type Refusals } from './refusals.ts'
import type { World } from './world.ts'

export interface DeviceOptions {
  readonly session: Session
  readonly network: Network
  readonly socketsBlocked: boolean
  readonly refusals: Refusals
  readonly entitlement: Entitlement
  readonly pushOrder: PushOrder
}

/** A history line before the device puts its name on it. */
type Unsigned<L = Unstamped> = L extends Unstamped ? Omit<L, 'proc'> : never

/** What the SDK shows is given to the store, and written, within this time. */
const noteMs = 1_000

/** Of one life of the process. */
interface Life {
  readonly process: Process
  readonly store: SimStore
  readonly client: Client
  isOnline: boolean
}

export class Device {
  readonly id: string
  readonly userId: UserId
  readonly skew: Skew = { ms: 0 }
  readonly held = new Map<ConversationId, HeldLog>()
  /** Own messages, for something to edit. */
  readonly mine = new Map<ConversationId, number[]>()
  readonly #world: World
  readonly #o: DeviceOptions
  readonly #disk = new SimDisk()
  readonly #random
  readonly #runs = new Map<ConversationId, { from: number; to: number }>()
  readonly #reading: Reading = new Reading({
    now: () => this.#world.timeline.now(),
    onShown: (conv, read) => this.#record({ op: 'cursor', type: 'ok', conv, read }),
    onKept: (conv, seq) => this.#record({ op: 'read', type: 'invoke', user: this.userId, conv, seq }),
  })
  readonly #unsettled = new Set<ClientMsgId>()
  /** Commands that would survive a crash, as the SDK has said: what became of them is not known yet. */
  readonly #promised = new Map<ClientMsgId, ConversationId>()
  /** When the store last said that no power cut can undo what it has; in ms. */
  #syncedAt = 0
  #lives = 0
  #changes = 0
  #life: Life
  /** Somebody has asked for it to be signed out. */
  isUnwanted = false
  #isSignedOut = false
  #isEnding = false

  constructor(world: World, options: DeviceOptions) {
    this.#world = world
    this.#o = options
    this.id = options.session.deviceId
    this.userId = options.session.userId
    this.#random = world.random(`device ${this.id}`)
    this.#life = this.#begin()
  }

  get client(): Client {
    return this.#life.client
  }

  get process(): Process {
    return this.#life.process
  }

  /** Signed out in the store: what it shows is of no interest any more. */
  get isRevoked(): boolean {
    return this.#isSignedOut || this.#world.disk.devices.get(this.id as DeviceId)?.revokedAt != null
  }

  /** Somebody may do something with it. */
  get isInUse(): boolean {
    return this.process.isAlive && !this.#isEnding && !this.isRevoked
  }

  /** Commands without an outcome. */
  get pending(): number {
    return this.#unsettled.size
  }

  /** Connected, caught up, with nothing unsent, and told of all that its rows name. */
  get isQuiet(): boolean {
    if (this.isRevoked) return true
    const state = this.client.connection.get()
    if (state.status !== 'online' || state.syncing || this.client.outbox.get().length > 0) return false
    return this.client.conversations.get().every((row) => (this.held.get(row.conversationId)?.last ?? 0) >= row.head)
  }

  get status(): string {
    const { client, held } = this
    const behind = client.conversations.get().filter((row) => (held.get(row.conversationId)?.last ?? 0) < row.head)
    const missing = behind.map((row) => `${row.conversationId} ${held.get(row.conversationId)?.last ?? 0}<${row.head}`)
    return `${this.id}: ${JSON.stringify(client.connection.get())}, ${client.outbox.get().length} unsent, behind in ${missing.join(', ') || 'none'}`
  }

  connect(): void {
    this.#record({ op: 'connect', type: 'invoke', user: this.userId })
    this.client.connect().catch(() => {})
  }

  /** SIGKILL; with `power`, what the store had not synced goes too. */
  kill(power: boolean): void {
    const { reached, timeline } = this.#world
    if (this.client.outbox.get().length > 0) reached.hit('client killed with commands unsent')
    this.#end()
    const lost = power ? this.#disk.cutPower(this.#random.next()) : 0
    if (lost > 0) reached.hit('client lost writes with the power')
    const kept = this.#reading.crashed((lost > 0 ? this.#syncedAt : timeline.now()) - noteMs)
    for (const conv of [...this.#runs.keys()]) this.#flushRun(conv)
    this.#record({ op: 'crash', type: 'info', kept })
  }

  /**
   * The application ends as it should, so that nothing is lost of what it was told or has shown, and starts again after `awayMs`. Never
   * settles when it is killed before it has ended.
   */
  async restart(awayMs: number): Promise<void> {
    this.#isEnding = true
    this.#world.reached.hit('client ended by its own will')
    this.#record({ op: 'connect', type: 'info' })
    await this.client.close()
    this.#end()
    await this.#world.wait(awayMs)
    this.start()
  }

  start(): void {
    this.#isEnding = false
    this.#reading.blank()
    this.#life = this.#begin()
    this.connect()
  }

  send(conv: ConversationId, content: Content): void {
    const conversation = this.client.conversation(conv)
    const sending = sendContent(conversation, content)
    const { kind } = content
    const target = 'target' in content ? content.target : null
    const cmid = sending.clientMsgId
    this.#record({ op: 'send', type: 'invoke', user: this.userId, conv, cmid, kind, target, hash: bodyHash(kind, content) })
    this.#unsettled.add(cmid)
    this.#o.refusals.sent(this.userId, conv, cmid, content)
    const life = this.#life
    sending.stored.then(
      () => life.process.isAlive && this.#promised.set(cmid, conv),
      () => {},
    )
    sending.acked.then(
      ({ seq, messageId }) => this.#settled(cmid, { op: 'send', type: 'ok', conv, cmid, seq, messageId }),
      (error: unknown) => this.#settled(cmid, { op: 'send', conv, cmid, ...failureOf(error, false, this.#world.plan) }),
    )
  }

  markRead(conv: ConversationId): void {
    const conversation = this.client.conversation(conv)
    const read = () => conversation.row.get()?.read ?? 0
    const before = read()
    conversation.markRead(this.held.get(conv)?.last ?? 0)
    // After a power cut the SDK may know less than the application, and takes no more than that for read.
    if (read() > before) this.#reading.read(conv, read())
  }

  /** A change of a group: `change` is the kind of the entry it makes. */
  async change(conv: ConversationId, change: string, subject: string, run: () => Promise<unknown>): Promise<void> {
    const id = `${this.id} ${++this.#changes}`
    this.#record({ op: 'change', type: 'invoke', user: this.userId, conv, id, change, subject })
    await run().then(
      () => this.#record({ op: 'change', type: 'ok', id }),
      (error: unknown) => this.#record({ op: 'change', id, ...failureOf(error, true, this.#world.plan) }),
    )
  }

  /** Goes away for a moment by its own will, and comes back, unless it is back already from leaving at the same time. */
  leaveAndReturn(ms: number): void {
    const { client, process } = this.#life
    const isAway = () => this.isInUse && client.connection.get().status === 'idle'
    const back = () => this.#world.timeline.setTimer(ms, () => process.run(() => isAway() && this.connect()))
    this.#record({ op: 'connect', type: 'info' })
    client.close().then(back, back)
  }

  /** What is shown in the end: the list, each row, and the entries that the application holds. */
  recordViews(): void {
    for (const conv of [...this.#runs.keys()]) this.#flushRun(conv)
    this.#reading.end()
    for (const [cmid, conv] of this.#promised)
      if (!this.#world.logs.has(conv, { senderId: this.userId, clientMsgId: cmid }))
        this.#world.problems.push({ rule: 'L4', message: `${this.id} has stored ${cmid} for ${conv}, and forgot it` })
    const rows = this.client.conversations.get()
    const { userId: user } = this
    this.#record({ op: 'list', type: 'ok', user, order: rows.map(({ conversationId }) => conversationId) })
    for (const row of rows) {
      const { conversationId: conv, head, read, unread, mentions, name, role, memberCount, peer, lastActivityAt: at } = row
      const entries = this.held.get(conv)?.digests() ?? { spans: [], data: '' }
      const shown = { head, at, read, unread, mentions, name, role, memberCount, peer, entries }
      this.#record({ op: 'view', type: 'ok', user, conv, ...shown })
    }
  }

  #begin(): Life {
    const { timeline } = this.#world
    const { session, network, socketsBlocked } = this.#o
    const process = new Process(`${this.id}#${++this.#lives}`, timeline)
    const clock = clientClock(timeline, process, this.skew, this.#random)
    const store = new SimStore(this.#disk, clock)
    const write = async (changes: readonly Pair[], durable: boolean) => {
      await store.write(changes, durable)
      if (durable) this.#syncedAt = timeline.now()
    }
    const wire = {
      process,
      socketsBlocked,
      onSent: (frame: DownFrame, link: Link) => {
        this.#sent(frame)
        this.#o.pushOrder.sent(link, frame)
      },
      onAnswer: (path: string, body: string) => this.#answered(path, body),
    }
    const client = createClient({
      url: 'http://simulation',
      session,
      store: { ...store, write },
      since: 'start',
      clock,
      fetch: network.fetch(wire),
      WebSocket: network.socketClass(wire),
    })
    const life: Life = { process, store, client, isOnline: false }
    client.on('*', (event) => life === this.#life && process.isAlive && this.#hear(life, event))
    return life
  }

  #end(): void {
    const { process, store } = this.#life
    if (this.#reading.isUnconfirmed) this.#world.reached.hit('client ended with reading not confirmed')
    process.kill()
    store.dead = true
  }

  #hear(life: Life, event: ClientEvent): void {
    switch (event.type) {
      case 'entry':
        this.#told(event.conversationId, event.entry, event.asOf)
        break
      case 'synced':
        this.#record({ op: 'connect', type: 'ok' })
        break
      case 'connection':
        if (event.connection.status === 'online') life.isOnline = true
        if (event.connection.status !== 'offline') break
        if (life.isOnline && event.connection.reason === closeCodes.HEARTBEAT_MISSED.reason)
          this.#world.reached.hit('heartbeat missed, client hung up')
        life.isOnline = false
        this.#record({ op: 'connect', type: 'invoke', user: this.userId })
        break
      case 'reset':
        this.held.clear()
        this.#runs.clear()
        this.#reading.forget()
        this.#record({ op: 'reset', type: 'info' })
        break
      case 'conversation':
        this.#reading.shows(event.conversation.conversationId, event.conversation.read)
        break
      case 'outbox': {
        const { failure, conversationId, clientMsgId } = event.item
        if (failure && event.change !== 'removed') this.#discardLater(life, conversationId, clientMsgId, failure.code)
        break
      }
      case 'session':
        this.#isSignedOut = true
        this.#world.reached.hit('device revoked')
        if (!this.isUnwanted) this.#world.problems.push({ rule: 'T3', message: `${this.id} was signed out, and nobody has asked for it` })
        break
      case 'error':
        this.#world.trace.say(`${life.process.name} error ${event.error.message}`)
    }
  }

  /** After a kill the SDK tells again what its store had not noted yet; the application has that. */
  #told(conv: ConversationId, entry: FoldedEntry, asOf: number): void {
    const log = this.held.get(conv) ?? new HeldLog()
    this.held.set(conv, log)
    log.tell(entry, asOf)
    const run = this.#runs.get(conv)
    if (run?.to === entry.seq - 1) run.to = entry.seq
    else {
      this.#flushRun(conv)
      this.#runs.set(conv, { from: entry.seq, to: entry.seq })
    }
    if (entry.senderId !== this.userId) return
    this.#unsettled.delete(entry.clientMsgId)
    if (entry.kind === 'message' && !entry.deleted) this.mine.set(conv, [...(this.mine.get(conv) ?? []), entry.seq].slice(-10))
  }

  /** A promise of the server, heard or not: what it has acked stays acked. */
  #sent(frame: DownFrame): void {
    const { reached } = this.#world
    this.#o.entitlement.sent(this.userId, frame)
    if (frame.type === 'ack') {
      const { conversationId: conv, clientMsgId: cmid, seq, messageId } = frame
      this.#record({ op: 'send', type: 'ok', conv, cmid, seq, messageId })
      if (frame.duplicate) reached.hit('ack again, of the first time')
    }
    if (frame.type === 'error') {
      const { code, clientMsgId: cmid } = frame
      if (code === 'RETRY_IN_ORDER') reached.hit('bounced: RETRY_IN_ORDER')
      if (code === 'FORBIDDEN') reached.hit('refused: FORBIDDEN')
      if (code === 'FORBIDDEN' && cmid) this.#o.refusals.refused(cmid)
      if (code === 'TOKEN_EXPIRED') reached.hit('token expired')
      if (code === 'UNKNOWN_OUTCOME') reached.hit('unknown: UNKNOWN_OUTCOME')
      if (code === 'STORAGE_FULL') reached.hit('unknown: STORAGE_FULL')
    }
    if (frame.type === 'read') this.#reading.confirmed(frame.conversationId, frame.read)
    if (frame.type === 'resumed' && frame.conversations.some(({ entries }) => entries.length > 0))
      reached.hit('resume named what was missed')
    if (frame.type === 'resumed')
      for (const { conversationId, read } of frame.outlines ?? []) {
        reached.hit('resume told in outline what was had')
        if (this.#reading.confirmed(conversationId, read)) reached.hit('resume confirmed reading in outline')
      }
    if (frame.type === 'pong' && frame.conversations.some(({ conversationId: id, head }) => head > (this.held.get(id)?.last ?? 0)))
      reached.hit('heartbeat named what was missed')
  }

  #answered(path: string, body: string): void {
    this.#o.entitlement.answered(this.userId, path, body)
    if (path.endsWith('/messages')) this.#world.reached.hit('gap filled from the log')
    if (!path.startsWith('/v1/poll/')) return
    const { frames = [] } = JSON.parse(body) as { readonly frames?: readonly { readonly frame: DownFrame }[] }
    if (frames.length > 0) this.#world.reached.hit('polled where sockets are blocked')
    for (const { frame } of frames) this.#sent(frame)
  }

  #settled(cmid: ClientMsgId, line: Unsigned): void {
    this.#unsettled.delete(cmid)
    this.#promised.delete(cmid)
    this.#record(line)
  }

  /** As a user would: what was refused for good is taken off the screen. Of what was given in an earlier life no promise has told. */
  #discardLater({ process, client }: Life, conv: ConversationId, cmid: ClientMsgId, code: string): void {
    const discard = () => {
      if (this.#unsettled.has(cmid)) this.#settled(cmid, { op: 'send', type: 'info', conv, cmid, code })
      client.conversation(conv).discard(cmid)
    }
    this.#world.timeline.setTimer(10, () => process.run(discard))
  }

  #flushRun(conv: ConversationId): void {
    const run = this.#runs.get(conv)
    if (!run) return
    this.#runs.delete(conv)
    this.#record({ op: 'deliver', type: 'ok', conv, ...run })
  }

  #record(line: Unsigned): void {
    this.#world.recorder.record({ proc: this.id, ...line } as Unstamped)
  }
}
