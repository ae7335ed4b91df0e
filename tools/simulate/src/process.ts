/**
 * A process that may die or stand still between any two steps. Whatever reaches it (a timer, an answer of the store, a frame) passes
 * through `run`; whatever leaves it asks `isAlive`. So its code needs to know nothing of it, as with a real kill or SIGSTOP.
 */
import type { SimClock } from '@godwit/client/testing/sim-clock.ts'

/** Where in a trip to the store a process dies: the request has just left, or the store has just done what was asked. */
export type CrashPoint = 'asked' | 'done'

export class Process {
  readonly name: string
  readonly #timeline: SimClock
  readonly #onEnd = new Set<() => void>()
  #state: 'running' | 'stopped' | 'over' = 'running'
  #missed: (() => void)[] = []
  #fuse: { trips: number; readonly at: CrashPoint } | null = null

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

  /** Dies at the `trips`-th trip to the store from now. */
  lightFuse(trips: number, at: CrashPoint): void {
    this.#fuse = { trips, at }
  }

  /** A trip has come to this point. */
  passes(point: CrashPoint): void {
    if (this.#fuse?.at !== point || --this.#fuse.trips > 0) return
    this.#fuse = null
    this.kill()
  }
}
