/** The client: it makes the parts, loads them from the store, and hands each event on. */

import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { HistorySetting } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { Account } from './account.ts'
import { Api, Door } from './api.ts'
import { Auth, sessionKey } from './auth.ts'
import { Cache, keys } from './cache.ts'
import type { ClientOptions } from './client.ts'
import { systemClock } from './clock-browser.ts'
import { Connection } from './connection.ts'
import type { ConversationState } from './conversation-state.ts'
import { Cursors } from './cursors.ts'
import { takeFrame } from './frames.ts'
import { Handles } from './handles.ts'
import { Http } from './http.ts'
import { Cell, Emitter } from './live.ts'
import type { Reported } from './log.ts'
import { Outbox } from './outbox.ts'
import { Profiles } from './profiles.ts'
import { identify, restore, wipe } from './restore.ts'
import { Rows } from './rows.ts'
import type { Store } from './store.ts'
import { memoryStore } from './store-memory.ts'
import { Sync } from './sync.ts'
import { soleTab } from './tabs.ts'
import { openPoll } from './transport-poll.ts'
import { openWebSocket } from './transport-websocket.ts'
import type { Client, ClientEvent, ClientEventOf, ConnectionState, Conversation, OutboxItem } from './types.ts'
import { onWake } from './wake-browser.ts'
import { Watching } from './watching.ts'
import type { World } from './world.ts'

export class GodwitClient implements Client {
  readonly connection = new Cell<ConnectionState>({ status: 'idle' })
  readonly #options: ClientOptions
  readonly #store: Store
  readonly #emitter = new Emitter()
  readonly #auth: Auth
  readonly #link: Connection
  readonly #world: World
  readonly #cache: Cache
  readonly #api: Api
  readonly #outbox: Outbox
  readonly #profiles: Profiles
  readonly #sync: Sync
  readonly #cursors: Cursors
  readonly #watching: Watching
  readonly #rows: Rows
  readonly #handles: Handles
  readonly conversations
  readonly unread
  readonly outbox
  readonly profiles
  readonly presence
  readonly me
  readonly updateMe
  readonly changePassword
  readonly devices
  readonly revokeDevice
  readonly blocks
  readonly block
  readonly unblock
  readonly findUser
  readonly loadProfiles
  #me: UserId | null = null
  #loading: Promise<void> | null = null
  #synced: PromiseWithResolvers<void> | null = null
  #stops: (() => void)[] = []
  /** Counts connects and closes. */
  #run = 0

  constructor(options: ClientOptions) {
    this.#options = options
    this.#me = options.session?.userId ?? null
    this.#store = options.store ?? memoryStore()
    const clock = options.clock ?? systemClock
    const tabs = this.#store.tabs ?? soleTab
    const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    this.#cache = new Cache(this.#store, clock, (error) => this.#report(error))
    this.#auth = new Auth({
      door: new Door(new Http({ url: options.url, fetch, clock, tokens: null })),
      store: this.#store,
      tabs,
      clock,
      provider: options.token ?? null,
      onSignedOut: () => this.#signedOut('revoked'),
    })
    const http = new Http({ url: options.url, fetch, clock, tokens: this.#auth })
    this.#api = new Api(http)
    const states = new Map<ConversationId, ConversationState>()
    this.#profiles = new Profiles({ api: this.#api, cache: this.#cache, clock, states, onRenamed: (id) => this.#rows.changed(id) })
    this.#world = {
      clock,
      api: this.#api,
      cache: this.#cache,
      emitter: this.#emitter,
      states,
      me: () => this.#who(),
      send: (frame) => this.#link.send(frame),
      profiles: this.#profiles,
      changed: (id) => this.#changed(id),
      learn: (summary) => this.#stops.length > 0 && this.#sync.learn(summary),
      report: (error) => this.#report(error),
    }
    this.#outbox = new Outbox({
      cache: this.#cache,
      clock,
      tabs,
      send: (frame) => this.#link.send(frame),
      renewToken: () => this.#link.renewToken(),
      onChange: (item, change) => this.#outboxChanged(item, change),
      onAcked: (acked, content) => this.#sync.ownSent({ ...acked, senderId: this.#who(), content }),
      report: (error) => this.#report(error),
    })
    this.#cursors = new Cursors(this.#world)
    this.#watching = new Watching(this.#world)
    this.#rows = new Rows({
      emitter: this.#emitter,
      states: this.#world.states,
      outbox: this.#outbox,
      profile: (id) => this.#profiles.get(id),
      draft: (id) => this.#handles.draft(id).get(),
      me: () => this.#who(),
    })
    this.#sync = new Sync(this.#world, {
      since: options.since ?? 'now',
      readsForResume: () => this.#cursors.readsForResume(),
      onReported: (state, reported) => this.#reported(state, reported),
      onApplied: (state) => this.#applied(state),
      onRead: (id, read) => this.#cursors.confirmed(id, read),
      onCaughtUp: () => this.#caughtUp(),
      onReset: () => this.#reset(),
    })
    this.#handles = new Handles(this.#parts)
    this.#link = new Connection({
      auth: this.#auth,
      clock,
      open: (kind, _token, events) =>
        kind === 'poll' ? openPoll(http, clock, events) : openWebSocket(options.WebSocket ?? globalThis.WebSocket, options.url, events),
      transport: options.transport ?? 'auto',
      client: 'godwit-client/0.1.0',
      resume: () => this.#sync.resumeFrame(),
      mark: () => this.#sync.mark,
      onWelcome: (frame) => this.#welcome(frame),
      onFrame: (frame) => takeFrame({ ...this.#parts, renewToken: () => this.#link.renewToken() }, frame),
      onLost: () => this.#lost(),
      onState: (state) => this.#connectionChanged(state),
    })
    this.conversations = this.#rows.list
    this.unread = this.#rows.totals
    this.outbox = this.#outbox.items
    this.profiles = this.#profiles.all
    this.presence = this.#watching.presence
    const account = new Account(this.#api, this.#profiles)
    this.me = account.me
    this.updateMe = account.updateMe
    this.changePassword = account.changePassword
    this.devices = account.devices
    this.revokeDevice = account.revokeDevice
    this.blocks = account.blocks
    this.block = account.block
    this.unblock = account.unblock
    this.findUser = account.findUser
    this.loadProfiles = (ids: readonly UserId[]) => this.#profiles.load(ids)
  }

  get userId(): UserId | null {
    return this.#me
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = null
      throw error
    })
    return this.#loading
  }

  async connect(): Promise<void> {
    if (this.#synced) return this.#synced.promise
    const synced = Promise.withResolvers<void>()
    const { promise } = synced
    this.#synced = synced
    // Whoever called `connect` awaits it; a second caller need not.
    promise.catch(() => {})
    try {
      await this.load()
    } catch (error) {
      if (this.#synced === synced) this.#synced = null
      throw error
    }
    if (this.#synced !== synced) return promise
    if (!this.#auth.usable) {
      this.#connectionChanged({ status: 'signed-out', reason: 'no-session' })
      return promise
    }
    const { tabs = soleTab } = this.#store
    this.#run++
    this.#stops = [
      tabs.listen((message) => this.#outbox.heard(message)),
      tabs.lead(() => {
        this.#cache.lead(true)
        this.#outbox.lead()
      }),
      onWake(
        () => this.wake(),
        (active) => this.setActive(active),
      ),
    ]
    this.#link.start()
    return promise
  }

  async close(): Promise<void> {
    this.#link.stop()
    this.#settle((waiter) => waiter.reject(new GodwitError('UNKNOWN_OUTCOME', 'closed')))
    const stops = this.#stops.splice(0)
    const run = ++this.#run
    await this.#cache.flush()
    for (const stop of stops) stop()
    // `connect` may have been called meanwhile.
    if (run !== this.#run) return
    this.#cache.lead(false)
    this.#outbox.follow()
  }

  wake(): void {
    this.#link.wake()
  }

  setActive(active: boolean): void {
    this.#watching.setActive(active)
  }

  async signOut(): Promise<void> {
    if (this.#auth.session) await this.#api.logout().catch((error: unknown) => this.#report(error))
    this.#auth.adopt(null)
    this.#signedOut('signed-out')
    this.#sync.forget()
    this.#outbox.forget()
    await this.close()
    await wipe(this.#store)
    this.#loading = null
  }

  on<T extends ClientEvent['type']>(type: T | '*', handler: (event: ClientEventOf<T>) => void): () => void {
    return this.#emitter.on(type, handler)
  }

  conversation(id: ConversationId): Conversation {
    return this.#handles.get(id)
  }

  openDirect(userId: UserId): Promise<Conversation> {
    return this.#handles.open((api) => api.openDirect(userId))
  }

  createGroup(group: { name: string; members: readonly UserId[]; history?: HistorySetting }): Promise<Conversation> {
    return this.#handles.open((api, clientMsgId) => api.createGroup({ clientMsgId, ...group }))
  }

  watchUsers(ids: readonly UserId[]): void {
    this.#watching.watchUsers(ids)
  }

  get #parts() {
    return {
      world: this.#world,
      sync: this.#sync,
      outbox: this.#outbox,
      rows: this.#rows,
      watching: this.#watching,
      cursors: this.#cursors,
    }
  }

  async #load(): Promise<void> {
    const { me, session } = await identify(this.#store, this.#options.session ?? null, this.#options.token !== undefined)
    this.#auth.adopt(session)
    this.#me = me
    if (me === null) return
    const [{ checkpoint, conversations, reads, delivered, drafts, profiles }] = await Promise.all([
      restore(this.#store),
      this.#outbox.load(),
    ])
    this.#profiles.restore(profiles)
    for (const [id, draft] of drafts) this.#handles.draft(id).set(draft)
    this.#cursors.restore(reads, delivered)
    this.#sync.restore(checkpoint, conversations)
    for (const [id, seq] of reads) this.#world.states.get(id)?.markRead(seq)
  }

  #who(): UserId {
    if (this.#me === null) throw new GodwitError('UNAUTHENTICATED', 'not signed in, or not loaded yet')
    return this.#me
  }

  #welcome({ userId }: DownFrameOf<'welcome'>): void {
    const before = this.#me
    this.#me = userId
    if (before !== userId) this.#cache.own(keys.user, () => userId)
    if (before === null || before === userId) {
      this.#connectionChanged({ status: 'online', transport: this.#link.transport, syncing: true })
      return
    }
    // The issuer's token is of somebody else than the store: what is here is not theirs, and the resume asked for it.
    this.#link.stop()
    this.#sync.forget()
    this.#outbox.forget()
    void wipe(this.#store).then(() => {
      this.#cache.own(keys.user, () => userId)
      this.#link.start()
    }, this.#world.report)
  }

  #lost(): void {
    this.#sync.offline()
    this.#outbox.offline()
    this.#cursors.offline()
    this.#watching.offline()
  }

  #caughtUp(): void {
    const state = this.connection.get()
    if (state.status !== 'online' || !state.syncing) return
    this.#connectionChanged({ ...state, syncing: false })
    this.#emitter.emit({ type: 'synced' })
    this.#settle((waiter) => waiter.resolve())
  }

  #connectionChanged(connection: ConnectionState): void {
    this.connection.set(connection)
    this.#emitter.emit({ type: 'connection', connection })
    if (connection.status === 'signed-out') {
      if (connection.reason === 'revoked' && this.#auth.session) {
        this.#auth.adopt(null)
        this.#signedOut('revoked')
      }
      this.#settle((waiter) => waiter.reject(new GodwitError('UNAUTHENTICATED', connection.reason)))
    }
    if (connection.status === 'stopped') this.#settle((waiter) => waiter.reject(new GodwitError('FORBIDDEN', connection.reason)))
  }

  /** `connect` settles once; afterwards it may be called again. */
  #settle(settle: (waiter: PromiseWithResolvers<void>) => void): void {
    const waiter = this.#synced
    if (!waiter) return
    settle(waiter)
    if (this.connection.get().status !== 'online') this.#synced = null
  }

  #signedOut(reason: 'signed-out' | 'revoked'): void {
    this.#cache.own(sessionKey, () => undefined)
    this.#link.stop({ status: 'signed-out', reason })
    this.#emitter.emit({ type: 'session', status: 'signed-out', reason })
  }

  #changed(id: ConversationId): void {
    this.#rows.changed(id)
    this.#handles.timeline(id)?.changed()
  }

  #reported(state: ConversationState, reported: Reported): void {
    const { entry } = reported.held
    this.#handles.timeline(state.id)?.reported(reported)
    if (entry.senderId === this.#me) this.#outbox.sawEntry(entry)
    else {
      this.#watching.stopped(state.id, entry.senderId)
      this.#cursors.delivered(state)
    }
  }

  #applied(state: ConversationState): void {
    const pending = this.#cursors.pendingRead(state.id)
    if (pending > 0) state.markRead(pending)
    if (state.facts.unread > 0 && !state.behind) this.#cursors.delivered(state)
  }

  #outboxChanged(item: OutboxItem, change: ClientEventOf<'outbox'>['change']): void {
    this.#changed(item.conversationId)
    this.#emitter.emit({ type: 'outbox', item, change })
  }

  #reset(): void {
    this.#cursors.forget()
    this.#handles.reset()
    this.#emitter.emit({ type: 'reset' })
  }

  #report(error: unknown): void {
    const known = error instanceof GodwitError ? error : new GodwitError('INTERNAL', error instanceof Error ? error.message : String(error))
    this.#emitter.emit({ type: 'error', error: known })
  }
}
