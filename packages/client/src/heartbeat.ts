/** Notices a socket that died without saying so: a ping at each interval, and silence after it means death. */
import type { Clock } from './clock.ts'

/** After a hint (wake-up, network change) the answer has to come sooner. */
const probeTimeoutMs = 5_000

export interface HeartbeatOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** Silence for this long, the interval included, is death. */
  readonly timeoutMs: number
  readonly ping: () => void
  readonly onDead: () => void
}

export class Heartbeat {
  readonly #o: HeartbeatOptions
  #cancelTick = () => {}
  #cancelDeath: (() => void) | null = null

  constructor(options: HeartbeatOptions) {
    this.#o = options
    this.#schedule()
  }

  /** Any frame is a sign of life. */
  heard(): void {
    this.#cancelDeath?.()
    this.#cancelDeath = null
  }

  probe(timeoutMs: number = probeTimeoutMs): void {
    this.#o.ping()
    this.#cancelDeath?.()
    this.#cancelDeath = this.#o.clock.setTimer(timeoutMs, this.#o.onDead)
  }

  stop(): void {
    this.#cancelTick()
    this.heard()
  }

  #schedule(): void {
    const { clock, intervalMs, timeoutMs } = this.#o
    const ms = intervalMs * (0.8 + 0.2 * clock.random())
    const due = clock.now() + ms
    this.#cancelTick = clock.setTimer(ms, () => {
      // Much later than asked for: the machine slept, and the socket has most likely not survived it.
      const slept = clock.now() - due > probeTimeoutMs
      this.probe(slept ? probeTimeoutMs : Math.max(timeoutMs - intervalMs, probeTimeoutMs))
      this.#schedule()
    })
  }
}
