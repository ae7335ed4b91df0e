/**
 * A contiguous window of one conversation: the end of the log that follows what is reported, or a stretch around some seq.
 * Pages come folded as of their head; amendments reported since are applied on top, those before are in the page already.
 */

import type { Page } from '@godwit/protocol/api.ts'
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import { isAmendment } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { applyAmendment } from '@godwit/protocol/fold.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { ConversationState } from './conversation-state.ts'
import { Derived } from './live.ts'
import type { Held, Reported } from './log.ts'
import type { Command } from './outbox-item.ts'
import { hasRow, TimelineRows } from './timeline-rows.ts'
import type { HistoryQuery, Timeline, TimelineState } from './types.ts'
import type { World } from './world.ts'

/** Less than this at the start, and older ones are loaded at once: a screen. */
const screenRows = 30
const pageEntries = 60
/** A device further behind than this shows the present first, and fills in between meanwhile. */
const farBehind = 200

export interface TimelineOptions {
  readonly id: ConversationId
  readonly world: World
  readonly commands: () => readonly Command[]
  readonly loadTail: (state: ConversationState) => Promise<void>
}

interface Window {
  held: readonly Held[]
  /** Seqs it stands for; amendments, which have no row, included. */
  from: number
  to: number
  /** What is reported beyond `to` is appended. */
  following: boolean
  hasOlder: boolean
}

export class ConversationTimeline implements Timeline {
  readonly #o: TimelineOptions
  readonly #rows: TimelineRows
  readonly #state = new Derived<TimelineState>(() => this.#snapshot())
  #window: Window | null = null
  #loading: TimelineState['loading'] = null
  #error: GodwitError | null = null
  #work: Promise<void> = Promise.resolve()
  #opened = false
  #notifying = false
  /** Counts windows, so that a page asked for one is not put into the next. */
  #run = 0

  constructor(options: TimelineOptions) {
    this.#o = options
    this.#rows = new TimelineRows(options.world.me)
  }

  readonly get = (): TimelineState => this.#state.get()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.open()
    return this.#state.subscribe(listener)
  }

  /** The row of an unsent command, as the window shows it. */
  unsent(command: Command) {
    return this.#rows.unsent(command)
  }

  /** Shows the cached end of the log, then loads what a screen lacks. Again after the device has learnt of the conversation. */
  open(): void {
    if (this.#opened || !this.#conversation) return
    this.#opened = true
    void this.#do('jump', async (run) => {
      const state = this.#conversation
      if (!state) return
      await this.#o.loadTail(state)
      if (run !== this.#run) return
      const behind = state.head - state.log.to > farBehind
      if (!behind && state.log.tail.length > 0) this.#showTail(state)
      if (behind || (this.#window?.held.length ?? 0) < screenRows) await this.#fillScreen(run)
    })
  }

  loadOlder(): Promise<void> {
    return this.#do('older', async (run) => {
      const window = this.#window
      if (!window?.hasOlder) return
      this.#prepend(await this.#page({ before: window.from }), run)
    })
  }

  loadNewer(): Promise<void> {
    return this.#do('newer', (run) => this.#loadNewer(run))
  }

  jumpTo(seq: number): Promise<void> {
    const window = this.#window
    if (window && seq >= window.from && seq <= window.to) return Promise.resolve()
    return this.#do('jump', async (run) => this.#show(await this.#page({ around: seq }), run))
  }

  toPresent(): Promise<void> {
    if (this.#window?.following) return Promise.resolve()
    return this.#do('jump', async (run) => this.#show(await this.#page({}), run))
  }

  /** The log has reported this. */
  reported({ held, changed }: Reported): void {
    const window = this.#window
    if (!window) return
    const { entry } = held
    if (isAmendment(entry)) {
      const target = window.held.findIndex((one) => one.entry.seq === entry.target)
      const before = window.held[target]
      if (before && before.asOf < entry.seq) {
        const after = changed?.after.asOf === entry.seq ? changed.after : { entry: applyAmendment(before.entry, entry), asOf: entry.seq }
        window.held = window.held.with(target, after)
        this.changed()
      }
    }
    if (!window.following || entry.seq <= window.to) return
    window.to = entry.seq
    if (!hasRow(entry)) return
    window.held = [...window.held, held]
    if (window.held.length > limits.clientTimelineRowsMax) this.#dropOlder(window)
    this.changed()
  }

  /** The copy is void: start again with what comes. */
  reset(): void {
    this.#run++
    this.#window = null
    this.#loading = null
    this.#opened = false
    this.changed()
  }

  /** Rows or unsent commands may look different; listeners hear of it once everything that happens now has happened. */
  changed(): void {
    this.#state.invalidate()
    if (this.#state.watched && !this.#opened) this.open()
    if (this.#notifying) return
    this.#notifying = true
    queueMicrotask(() => {
      this.#notifying = false
      this.#state.notify()
    })
  }

  get #conversation(): ConversationState | undefined {
    return this.#o.world.states.get(this.#o.id)
  }

  #snapshot(): TimelineState {
    const window = this.#window
    const atPresent = window?.following ?? true
    return {
      items: this.#rows.rows(window?.held ?? [], this.#o.commands(), atPresent),
      atPresent,
      hasOlder: window?.hasOlder ?? false,
      hasNewer: !atPresent,
      loading: this.#loading,
      error: this.#error,
    }
  }

  /** One load at a time, in the order of the calls. Failing shows in the state. */
  #do(loading: NonNullable<TimelineState['loading']>, load: (run: number) => Promise<void>): Promise<void> {
    const run = this.#run
    this.#work = this.#work.then(async () => {
      if (run !== this.#run) return
      this.#loading = loading
      this.#error = null
      this.changed()
      try {
        await load(run)
      } catch (error) {
        if (run === this.#run) this.#error = error instanceof GodwitError ? error : new GodwitError('INTERNAL', String(error))
      }
      if (run !== this.#run) return
      this.#loading = null
      this.changed()
    })
    return this.#work
  }

  async #page(query: HistoryQuery): Promise<Page> {
    const page = await this.#o.world.api.page(this.#o.id, { ...query, limit: pageEntries })
    this.#o.world.profiles.add(page.users)
    return page
  }

  #showTail(state: ConversationState): void {
    const { tail, to } = state.log
    const from = tail[0]?.entry.seq ?? to + 1
    const held = tail.filter(({ entry }) => hasRow(entry))
    this.#window = { held, from, to, following: true, hasOlder: from > state.facts.first }
    this.changed()
  }

  async #fillScreen(run: number): Promise<void> {
    if (!this.#window) return this.#show(await this.#page({}), run)
    if (this.#window.hasOlder) this.#prepend(await this.#page({ before: this.#window.from }), run)
  }

  async #show(page: Page, run: number): Promise<void> {
    if (run !== this.#run) return
    const state = this.#conversation
    const from = page.entries[0]?.seq ?? page.head + 1
    const window: Window = {
      held: this.#held(page),
      from,
      to: page.entries.at(-1)?.seq ?? page.head,
      following: false,
      hasOlder: page.more.before,
    }
    this.#window = window
    if (!page.more.after) await this.#join(window, state, page.head, run)
    this.changed()
  }

  async #loadNewer(run: number): Promise<void> {
    const window = this.#window
    if (!window || window.following) return
    const page = await this.#page({ after: window.to })
    if (run !== this.#run || this.#window !== window) return
    window.held = [...window.held, ...this.#held(page)]
    window.to = page.entries.at(-1)?.seq ?? window.to
    if (window.held.length > limits.clientTimelineRowsMax) this.#dropOlder(window)
    this.changed()
    if (!page.more.after) await this.#join(window, this.#conversation, page.head, run)
  }

  /** The window has come to the end of a page that was the newest: from here on it follows the log. */
  async #join(window: Window, state: ConversationState | undefined, head: number, run: number): Promise<void> {
    window.to = Math.max(window.to, head)
    // The log went on meanwhile, and further than the tail reaches back.
    if (state && state.log.to > window.to && !state.log.covers(window.to)) return this.#loadNewer(run)
    const since = state?.log.tail.filter(({ entry }) => entry.seq > window.to) ?? []
    window.held = [...window.held, ...since.filter(({ entry }) => hasRow(entry))]
    window.to = since.at(-1)?.entry.seq ?? window.to
    window.following = true
    this.changed()
  }

  #prepend(page: Page, run: number): void {
    const window = this.#window
    if (run !== this.#run || !window) return
    window.held = [...this.#held(page), ...window.held]
    window.from = page.entries[0]?.seq ?? window.from
    window.hasOlder = page.more.before
    if (window.held.length > limits.clientTimelineRowsMax) {
      window.held = window.held.slice(0, limits.clientTimelineRowsMax)
      window.to = window.held.at(-1)?.entry.seq ?? window.to
      window.following = false
    }
    this.changed()
  }

  #dropOlder(window: Window): void {
    // In steps, so that each arrival does not shift the whole window.
    window.held = window.held.slice(-limits.clientTimelineRowsMax + Math.floor(limits.clientTimelineRowsMax / 10))
    window.from = window.held[0]?.entry.seq ?? window.from
    window.hasOlder = true
  }

  #held({ entries, head }: Page): readonly Held[] {
    const { log } = this.#conversation ?? {}
    return entries.filter(hasRow).map((entry) => log?.amended({ entry, asOf: head }) ?? { entry, asOf: head })
  }
}
