/**
 * Keeps the device's copy complete: what a resume, a heartbeat or a frame says is compared with what is here, and what lacks is
 * fetched (`filler.ts`). Each entry is reported once, in order within its conversation.
 */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { Entry, FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { ConversationOutline, ConversationSummary } from '@godwit/protocol/summary.ts'
import type { UpFrameOf } from '@godwit/protocol/up.ts'
import { keys } from './cache.ts'
import { ConversationState, type StoredConversation } from './conversation-state.ts'
import { Filler } from './filler.ts'
import type { Held, OwnSent, Reported } from './log.ts'
import { persist } from './persist.ts'
import type { World } from './world.ts'

/** Whoever gave an answer older than what is here already may still be behind. */
const askAgainMs = 2_000

export interface Checkpoint {
  readonly epoch: string
  readonly mark: string
}

export interface SyncHooks {
  readonly since: 'now' | 'start'
  /** One's own cursors that the server may not know. */
  readonly readsForResume: () => { conversationId: ConversationId; seq: number }[]
  readonly onReported: (state: ConversationState, reported: Reported) => void
  /** The server's row of a conversation was taken in. */
  readonly onApplied: (state: ConversationState) => void
  /** The server knows of reading up to here. Answers whether the row has to be stored with it. */
  readonly onRead: (id: ConversationId, read: number) => boolean
  readonly onCaughtUp: () => void
  /** The copy is void. */
  readonly onReset: () => void
}

export class Sync {
  readonly #world: World
  readonly #hooks: SyncHooks
  readonly #filler: Filler
  /** Everything up to this mark is here, or known to lack. */
  #checkpoint: Checkpoint | null = null
  /** While conversations are being listed after a `reset`: what will be the checkpoint when all of them are. */
  #listing: Checkpoint | null = null
  /** Rows that are being fetched, and the highest head that was named meanwhile: the answer may be older. */
  readonly #asking = new Map<ConversationId, number>()
  #run = 0

  constructor(world: World, hooks: SyncHooks) {
    this.#world = world
    this.#hooks = hooks
    this.#filler = new Filler({
      world,
      since: hooks.since,
      publish: (state, reported) => this.#publish(state, reported),
      late: (state, entry, asOf) => this.#emitEntry(state, entry, asOf, false),
      refetch: (id) => this.ask(id),
      onIdle: () => {
        if (!this.#listing) hooks.onCaughtUp()
      },
    })
  }

  get mark(): string | null {
    return (this.#listing ?? this.#checkpoint)?.mark ?? null
  }

  restore(checkpoint: Checkpoint | null, conversations: readonly StoredConversation[]): void {
    this.#checkpoint = checkpoint
    for (const stored of conversations) {
      const { conversationId } = stored.facts
      this.#world.states.set(conversationId, new ConversationState(stored, this.#world.me(), true))
      this.#world.changed(conversationId)
    }
  }

  resumeFrame(): UpFrameOf<'resume'> {
    const reads = this.#hooks.readsForResume()
    const { epoch, mark } = this.#checkpoint ?? { epoch: null, mark: null }
    return { type: 'resume', epoch, mark, outlines: true, ...(reads.length > 0 ? { reads } : {}) }
  }

  /** Everything but the unsent messages is void. */
  forget(): void {
    this.offline()
    this.#checkpoint = null
    this.#world.cache.own(keys.sync, () => this.#checkpoint ?? undefined)
    this.#forget()
  }

  offline(): void {
    this.#run++
    this.#asking.clear()
    this.#listing = null
    this.#filler.stop()
  }

  resumed(frame: DownFrameOf<'resumed'>): void {
    const first = this.#checkpoint === null
    this.#world.profiles.add(frame.users)
    for (const summary of frame.conversations) this.#apply(summary, first ? 'first-sync' : 'away')
    for (const outline of frame.outlines ?? []) this.#compare(outline, 'away')
    this.#keep(frame)
    // Asked for before, perhaps, on a connection that has ended: the mark that would have this named again is gone.
    for (const state of this.#world.states.values()) if (state.unsure) this.ask(state.id)
    this.#startFilling()
  }

  reset(frame: DownFrameOf<'reset'>): void {
    const first = this.#checkpoint === null || frame.reason === 'epoch'
    if (frame.reason === 'epoch') this.#forget()
    this.#listing = frame
    void this.#listAll(first ? 'first-sync' : 'away', this.#run)
  }

  pong(frame: DownFrameOf<'pong'>): void {
    for (const outline of frame.conversations) this.#compare(outline, 'live')
    // What an answer is still to bring is named again by the next one, and by a resume (L7).
    if (this.#asking.size > 0) return
    if (this.#listing) this.#listing = { ...this.#listing, mark: frame.mark }
    else if (this.#checkpoint) this.#keep({ ...this.#checkpoint, mark: frame.mark })
  }

  /** Somebody names a head: what is below it has to come. */
  head(conversationId: ConversationId, seq: number): void {
    const state = this.#world.states.get(conversationId)
    if (!state) {
      this.ask(conversationId, seq)
      return
    }
    if (seq <= state.head) return
    state.raiseHead(seq)
    this.#save(state)
    this.#filler.addLater(state)
  }

  conversations(frame: DownFrameOf<'conversations'>): void {
    this.#world.profiles.add(frame.users)
    for (const summary of frame.conversations) this.learn(summary)
  }

  entry(entry: Entry): void {
    const state = this.#world.states.get(entry.conversationId)
    // Its row says where one's view begins; the entry comes with what is filled then.
    if (!state) {
      this.ask(entry.conversationId, entry.seq)
      return
    }
    state.raiseHead(entry.seq)
    this.#take(state, state.log.offer({ entry, asOf: entry.seq }))
  }

  /** The sending session gets an ack instead of its entry. */
  ownSent(own: OwnSent): void {
    const state = this.#world.states.get(own.conversationId)
    if (!state) {
      this.ask(own.conversationId, own.seq)
      return
    }
    state.raiseHead(own.seq)
    this.#take(state, state.log.offer(own))
  }

  learn(summary: ConversationSummary): void {
    const state = this.#apply(summary, 'live')
    if (this.#filler.wants(state)) this.#filler.add(state)
  }

  /** A frame said so: the row looks different, and after a restart it must not go back. */
  cursorsMoved(id: ConversationId): void {
    const state = this.#world.states.get(id)
    if (!state) return
    this.#world.cache.share(keys.conversation + id, () => state.stored)
    this.#world.changed(id)
  }

  /** One's own reading has moved, on whichever device. */
  ownReadMoved(frame: DownFrameOf<'read'>): void {
    const { conversationId } = frame
    const state = this.#world.states.get(conversationId)
    if (!state) return
    if (frame.head !== undefined) this.head(conversationId, frame.head)
    state.correctUnread(frame)
    this.cursorsMoved(conversationId)
    if (state.unsure) this.ask(conversationId)
  }

  /** The other one of a `direct` conversation has received or read. */
  peerMoved(conversationId: ConversationId, { delivered, read }: { readonly delivered: number; readonly read: number }): void {
    const state = this.#world.states.get(conversationId)
    const userId = state?.facts.peerId
    if (!userId || !state.advancePeer(delivered, read)) return
    this.#world.emitter.emit({ type: 'receipt', conversationId, userId, delivered, read })
    this.cursorsMoved(conversationId)
  }

  /** Fetches a row: of a conversation not known yet, or because entries alone do not tell. */
  ask(id: ConversationId, head = 0): void {
    const named = this.#asking.get(id)
    this.#asking.set(id, Math.max(head, named ?? 0))
    if (named === undefined) void this.#ask(id, this.#run)
  }

  /** The tail that the store kept, for whoever wants to show it before the network answers. */
  async loadTail(state: ConversationState): Promise<void> {
    if (!state.tailStored) return
    const stored = (await this.#world.cache.store.get(keys.tail + state.id)) as { to: number; tail: Held[] } | undefined
    if (!state.tailStored) return
    state.tailStored = false
    // One that ends before this device's position would leave a gap.
    if (stored && stored.to >= state.restoredTo) state.log.prepend(stored.tail)
  }

  /** What a push should have told, and one may be lost: what cannot be told from here is asked for. */
  #compare({ conversationId, head, read, flags, peer }: ConversationOutline, how: 'away' | 'live'): void {
    this.head(conversationId, head)
    if (peer) this.peerMoved(conversationId, peer)
    const state = this.#world.states.get(conversationId)
    if (!state) return
    if (how === 'away') state.awayHead = Math.max(state.awayHead, head)
    const isConfirmed = this.#hooks.onRead(conversationId, read)
    if (state.compare(read, flags) || isConfirmed) this.cursorsMoved(conversationId)
    if (state.unsure) this.ask(conversationId)
  }

  async #ask(id: ConversationId, run: number): Promise<void> {
    try {
      const { conversation, users } = await this.#persist(run, () => this.#world.api.conversation(id))
      if (run !== this.#run) return
      const named = this.#asking.get(id) ?? 0
      this.#world.profiles.add(users)
      this.learn(conversation)
      this.#asking.delete(id)
      this.head(id, named)
      // Changes that came meanwhile were folded into what the answer was to put right, and it is too old to do so.
      const state = this.#world.states.get(id)
      const isOld = state !== undefined && (state.unsure || conversation.head < state.stored.factsAsOf)
      if (isOld) this.#world.clock.setTimer(askAgainMs, () => run === this.#run && this.ask(id))
    } catch (error) {
      if (run !== this.#run) return
      this.#asking.delete(id)
      this.#world.report(error)
    }
  }

  async #listAll(how: 'first-sync' | 'away', run: number): Promise<void> {
    try {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const from = cursor
        const page = await this.#persist(run, () => this.#world.api.list(from, limits.listConversationsMax))
        if (run !== this.#run) return
        this.#world.profiles.add(page.users)
        for (const summary of page.conversations) this.#apply(summary, how)
        cursor = page.cursor
      }
      if (this.#listing) this.#keep(this.#listing)
      this.#listing = null
      this.#startFilling()
    } catch (error) {
      // A refusal will not pass by itself: the next resume tries again.
      if (run === this.#run) this.#world.report(error)
    }
  }

  #persist<T>(run: number, request: () => Promise<T>): Promise<T> {
    return persist(this.#world.clock, () => run === this.#run, request)
  }

  #apply(summary: ConversationSummary, how: 'first-sync' | 'away' | 'live'): ConversationState {
    const known = this.#world.states.get(summary.conversationId)
    const state = known ?? this.#begin(summary, how)
    if (how !== 'live') state.awayHead = Math.max(state.awayHead, summary.head)
    const reported = state.apply(summary)
    this.#publish(state, reported)
    this.#hooks.onApplied(state)
    this.#hooks.onRead(state.id, summary.read)
    return state
  }

  /** Where the reporting begins in a conversation that is new to the device. */
  #begin({ entries, ...facts }: ConversationSummary, how: 'first-sync' | 'away' | 'live'): ConversationState {
    const { head, first, count } = facts
    const now = this.#hooks.since === 'now'
    const atHead = now && how === 'first-sync'
    const to = atHead ? head : now ? Math.max(first - 1, head - limits.pageEntriesMax) : first - 1
    const position = {
      to,
      from: to + 1,
      count: atHead ? count : to === 0 ? 0 : null,
      membershipSeq: atHead ? (entries.at(-1)?.membershipSeq ?? null) : to === 0 ? 0 : null,
      holes: [],
    }
    const state = new ConversationState({ facts, factsAsOf: head, position, unsure: false }, this.#world.me(), false)
    if (how === 'live') state.awayHead = to
    if (atHead) state.log.prepend(entries.map((entry) => ({ entry, asOf: head })))
    this.#world.states.set(state.id, state)
    return state
  }

  #take(state: ConversationState, reported: readonly Reported[]): void {
    this.#publish(state, reported)
    if (state.behind) this.#filler.addLater(state)
  }

  #publish(state: ConversationState, reported: readonly Reported[]): void {
    for (const one of reported) {
      state.report(one)
      const { entry, asOf } = one.held
      const live = entry.seq > state.awayHead
      this.#hooks.onReported(state, one)
      this.#emitEntry(state, entry, asOf, live)
      if (one.changed) this.#emitUpdate(state, one.changed.after.entry, entry)
      if (touchesMyView(entry, this.#world.me())) this.ask(state.id)
    }
    if (state.unsure) this.ask(state.id)
    this.#save(state)
    this.#world.changed(state.id)
  }

  #emitEntry(state: ConversationState, entry: FoldedEntry, asOf: number, live: boolean): void {
    this.#world.emitter.emit({ type: 'entry', conversationId: state.id, entry, asOf, live })
  }

  #emitUpdate(state: ConversationState, message: FoldedEntry, by: FoldedEntry): void {
    if ('target' in by) this.#world.emitter.emit({ type: 'message.updated', conversationId: state.id, message, by })
  }

  #startFilling(): void {
    this.#filler.start([...this.#world.states.values()])
  }

  /** Rows first: a checkpoint in the store means that the rows it stands for are there too. */
  #keep({ epoch, mark }: Checkpoint): void {
    this.#checkpoint = { epoch, mark }
    this.#world.cache.share(keys.sync, () => this.#checkpoint)
  }

  #save(state: ConversationState): void {
    const { cache } = this.#world
    cache.share(keys.conversation + state.id, () => state.stored)
    // A tail that was not read yet would be overwritten by the little that came since.
    if (state.tailStored) void this.loadTail(state).then(() => this.#saveTail(state), this.#world.report)
    else this.#saveTail(state)
  }

  #saveTail(state: ConversationState): void {
    this.#world.cache.share(keys.tail + state.id, () => ({ to: state.log.to, tail: state.log.tail.slice(-limits.clientStoredEntriesMax) }))
  }

  #forget(): void {
    const { states, cache, changed } = this.#world
    this.#filler.stop()
    for (const id of states.keys()) {
      for (const prefix of [keys.conversation, keys.tail, keys.read, keys.delivered]) cache.own(prefix + id, () => undefined)
      changed(id)
    }
    states.clear()
    this.#hooks.onReset()
  }
}

/** Entries that change where one's view begins or ends: the server's row tells. */
function touchesMyView(entry: FoldedEntry, me: string): boolean {
  if (entry.kind === 'settings') return true
  if (entry.kind === 'added') return entry.members.some(({ userId }) => userId === me)
  return entry.kind === 'removed' && entry.userId === me
}
