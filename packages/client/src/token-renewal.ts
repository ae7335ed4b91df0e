/** Renews the token of a live session before it expires, with an `auth` frame, so that the session goes on. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { Auth } from './auth.ts'
import { backoffMs, type Clock } from './clock.ts'

const leadMs = limits.tokenLeewayS * 1000
const shortestMs = 1_000
/** Tokens of outside issuers may last longer than a timer can wait (2^31 ms). */
const longestMs = 24 * 60 * 60 * 1000

export class TokenRenewal {
  readonly #auth: Auth
  readonly #clock: Clock
  readonly #send: (token: string) => void
  #cancel = () => {}
  /** Counts sessions, so that a token got for one is not sent in the next. */
  #run = 0
  /** The one that the session goes by. */
  #token = ''
  #lifetimeMs = 0
  /** The server's clock less this one's. */
  #aheadMs = 0

  constructor(auth: Auth, clock: Clock, send: (token: string) => void) {
    this.#auth = auth
    this.#clock = clock
    this.#send = send
  }

  /** `token` is the one that the session was opened with. */
  start(welcome: DownFrameOf<'welcome'>, token: string): void {
    this.#run++
    this.#token = token
    this.#lifetimeMs = welcome.tokenExpiresAt - welcome.serverTime
    this.#aheadMs = welcome.serverTime - this.#clock.now()
    this.#schedule(this.#lifetimeMs)
  }

  stop(): void {
    this.#run++
    this.#cancel()
  }

  /** The server no longer takes the token of the session. */
  now(): void {
    void this.#renew(0)
  }

  #schedule(leftMs: number): void {
    this.#cancel()
    const ms = Math.min(Math.max(leftMs - Math.min(leadMs, leftMs / 2), shortestMs), longestMs)
    this.#cancel = this.#clock.setTimer(ms, () => void this.#renew(0))
  }

  async #renew(attempt: number): Promise<void> {
    const run = this.#run
    try {
      const token = await this.#auth.token(this.#token)
      if (run !== this.#run) return
      this.#token = token
      this.#send(token)
      const { expiresAt } = this.#auth
      this.#schedule(expiresAt === null ? this.#lifetimeMs : expiresAt - this.#clock.now() - this.#aheadMs)
    } catch {
      // Signed out: the owner of `auth` was told. Otherwise try again while the session lasts; its close tells the rest.
      if (run !== this.#run || !this.#auth.usable) return
      this.#cancel = this.#clock.setTimer(backoffMs(this.#clock, attempt, 1_000, 10_000), () => void this.#renew(attempt + 1))
    }
  }
}
