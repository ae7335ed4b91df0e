/**
 * A process that may die or stand still between any two steps. Whatever reaches it (a timer, an answer of the store, a frame) passes
 * through `run`; whatever leaves it asks `isAlive`. So its code needs to know nothing of it, as with a real kill or SIGSTOP.
 */
import type { SimClock } from '@godwit/client/testing/sim-clock.ts'

/** Where in a trip to the store something happens to a process: the request has just left; it is written and not synced; it is done and not answered. */
export type TripPoint = 'asked' | 'written' | 'done'

interface Fuse {
  /** Of how many it is the last. */
  trips: number
  readonly at: TripPoint
  /** Of the port; null is any. */
  readonly method: string | null
  /** What happens. */
  readonly burn: () => void
}

export class Process {
  readonly name: string
  readonly #timeline: SimClock
  readonly #onEnd = new Set<() => void>()
  #state: 'running' | 'stopped' | 'over' = 'running'
  #missed: (() => void)[] = []
  #fuse: Fuse | null = null

  constructor(name: string, timeline: SimClock) {
    this.name = name
    this.#timeline = timeline
  }

  get isAlive(): boolean {
    return this.#state !== 'over'
  }

  get isRunning(): boolean {
    return this.#state === 'running'
  }

  /** Now; when it goes on again; or never. */
  run(step: () => void): void {
    if (this.#state === 'running') step()
    else if (this.#state === 'stopped') this.#missed.push(step)
  }

  /** SIGSTOP. */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped'
  }

  /** SIGCONT: what it missed comes in order, with its promises settling in between. */
  goOn(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    const missed = this.#missed
    this.#missed = []
    for (const step of missed) this.#timeline.setTimer(0, () => this.run(step))
  }

  /** SIGKILL. */
  kill(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#missed = []
    for (const hear of this.#onEnd) hear()
  }

  /** Returns what ends the listening. */
  onDeath(hear: () => void): () => void {
    this.#onEnd.add(hear)
    return () => this.#onEnd.delete(hear)
  }

  /** Something happens in a coming trip to the store; null takes that back. */
  lightFuse(fuse: Fuse | null): void {
    this.#fuse = fuse && { ...fuse }
  }

  /** A trip has come to this point. Answers whether the process has died of it. */
  passes(at: TripPoint, method: string): boolean {
    const fuse = this.#fuse
    if (!fuse || fuse.at !== at || (fuse.method !== null && fuse.method !== method) || --fuse.trips > 0) return false
    this.#fuse = null
    fuse.burn()
    return !this.isAlive
  }
}
