/** Virtual time and seeded chance: a run is replayed from its seed. Promises settle between two timers. */
import type { Clock } from '../clock.ts'

interface SimTimer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class SimClock implements Clock {
  #now = Date.UTC(2026, 4, 4, 9)
  #sequence = 0
  #timers: SimTimer[] = []
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1
  }

  now = () => this.#now

  /** xorshift32. */
  random = () => {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state / 2 ** 32
  }

  randomBytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(this.random() * 256))

  setTimer = (ms: number, run: () => void) => {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#sequence++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.setTimer(ms, resolve)
    })
  }

  chance = (probability: number) => this.random() < probability
  pick = <T>(values: readonly T[]): T => values[Math.floor(this.random() * values.length)] as T

  /** Runs whatever is due within the next `ms`. */
  async run(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settled()
      const next = this.#first()
      if (!next || next.at > end) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
  }

  #first() {
    let first: SimTimer | undefined
    for (const timer of this.#timers)
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    return first
  }

  /** Runs until `done`, at most `ms` of virtual time. Throws when it never is. */
  async until(done: () => boolean, ms = 10 * 60_000): Promise<void> {
    // Short waits are for what passes quickly.
    const step = ms > 1_000 ? 50 : 1
    for (let passed = 0; !done(); passed += step) {
      if (passed >= ms) throw new Error('it did not happen in time')
      await this.run(step)
    }
  }
}

/** Every promise that can settle has. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
