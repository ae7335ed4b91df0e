/** Fetches what is missing between a position and a head, page by page, a few conversations at a time. */
import type { Page } from '@godwit/protocol/api.ts'
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { backoffMs, sleep } from './clock.ts'
import type { ConversationState } from './conversation-state.ts'
import type { Range, Reported } from './log.ts'
import { persist } from './persist.ts'
import type { World } from './world.ts'

/** A page that lacks what a frame has named may come from a node that is behind. */
const emptyPagesMax = 4

export interface FillerOptions {
  readonly world: World
  readonly since: 'now' | 'start'
  readonly publish: (state: ConversationState, reported: readonly Reported[]) => void
  /** An entry from below the position. */
  readonly late: (state: ConversationState, entry: FoldedEntry, asOf: number) => void
  readonly refetch: (id: ConversationId) => void
  /** Nothing is left to fetch. */
  readonly onIdle: () => void
}

export class Filler {
  readonly #o: FillerOptions
  readonly #queue = new Set<ConversationState>()
  readonly #active = new Set<ConversationState>()
  /** Counts connections: what was asked on one before is void. */
  #run = 0
  #on = false

  constructor(options: FillerOptions) {
    this.#o = options
  }

  start(states: readonly ConversationState[]): void {
    this.#on = true
    for (const state of states) {
      // What could not be had on one connection may be had on the next.
      state.stuckAt = 0
      if (this.wants(state)) this.#queue.add(state)
    }
    this.#pump()
    this.#idle()
  }

  stop(): void {
    this.#on = false
    this.#run++
    this.#queue.clear()
    this.#active.clear()
  }

  add(state: ConversationState): void {
    if (!this.#on) return
    this.#queue.add(state)
    this.#pump()
  }

  /** Most of what is missing on a connection that lives is on its way: it is fetched if the same gap is there a moment later. */
  addLater(state: ConversationState): void {
    if (!this.#on) return
    const run = this.#run
    const { head } = state
    const { clock } = this.#o.world
    clock.setTimer(limits.clientGapPatienceMs * (0.5 + 0.5 * clock.random()), () => {
      if (run === this.#run && state.behind && state.log.to < head) this.add(state)
    })
  }

  /** There is something to fetch. */
  wants(state: ConversationState): boolean {
    return state.behind || (this.#o.since === 'start' && state.lateRange() !== null)
  }

  #pump(): void {
    for (const state of this.#queue) {
      if (this.#active.size >= limits.clientFetchesAtOnceMax) return
      if (this.#active.has(state)) continue
      this.#queue.delete(state)
      this.#active.add(state)
      const run = this.#run
      void this.#fill(state, run).then(() => {
        if (run !== this.#run) return
        this.#active.delete(state)
        this.#pump()
        this.#idle()
      })
    }
  }

  #idle(): void {
    if (this.#on && this.#active.size === 0 && this.#queue.size === 0) this.#o.onIdle()
  }

  async #fill(state: ConversationState, run: number): Promise<void> {
    const { world, since, refetch } = this.#o
    let empty = 0
    try {
      while (run === this.#run) {
        const hole = state.behind || since === 'now' ? null : state.lateRange()
        if (!state.behind && !hole) return
        const progress = hole ? await this.#fillHole(state, hole, run) : await this.#fillHead(state, run)
        if (progress || run !== this.#run) continue
        if (++empty >= emptyPagesMax) {
          state.stuckAt = state.head
          refetch(state.id)
          return
        }
        await sleep(world.clock, backoffMs(world.clock, empty, 250, 4_000))
      }
    } catch (error) {
      if (run !== this.#run) return
      // No longer a member, say: only a higher head, or the next resume, is worth another try.
      state.stuckAt = state.head
      world.report(error)
    }
  }

  async #fillHead(state: ConversationState, run: number): Promise<boolean> {
    const after = state.log.to
    const page = await this.#page(state, after, run)
    if (run !== this.#run) return false
    this.#o.publish(state, state.log.takeRun(after, page.entries, page.head))
    state.raiseHead(page.head)
    return state.log.to > after
  }

  async #fillHole(state: ConversationState, hole: Range, run: number): Promise<boolean> {
    const [from, to] = hole
    const page = await this.#page(state, from - 1, run)
    if (run !== this.#run) return false
    for (const entry of page.entries) if (entry.seq <= to) this.#o.late(state, entry, page.head)
    const last = page.entries.at(-1)
    state.log.fillHole(hole, last && page.more.after ? Math.min(last.seq, to) : to)
    this.#o.publish(state, [])
    return true
  }

  async #page(state: ConversationState, after: number, run: number): Promise<Page> {
    const { clock, api, profiles } = this.#o.world
    const page = await persist(
      clock,
      () => run === this.#run,
      () => api.page(state.id, { after, limit: limits.pageEntriesMax }),
    )
    profiles.add(page.users)
    return page
  }
}
