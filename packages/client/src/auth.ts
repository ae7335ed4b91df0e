/**
 * The tokens of this device. A refresh token may be used once, so refreshing is done once at a time, by one tab at a time, and a
 * tab that comes second takes what the first has stored.
 */
import { type ErrorCode, GodwitError } from '@godwit/protocol/errors.ts'
import type { Door } from './api.ts'
import { type Clock, uuid } from './clock.ts'
import type { Tokens } from './http.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'
import type { Session } from './types.ts'

export const sessionKey = 'session'
const attemptKey = 'refresh'

/** What the store remembers of a refresh that is under way: asked again with the same id, the server gives the same answer. */
interface Attempt {
  readonly refreshToken: string
  readonly attemptId: string
}

/** A token with less time than this left is replaced before it is used. */
const marginMs = 30_000
/** Clocks differ: a token got this recently is good, whatever the clock of this device says. */
const freshMs = 60_000

/** What the server says of a refresh token that is good for nothing any more. Every other refusal may pass: of a proxy, or of an origin. */
const voidToken: ReadonlySet<ErrorCode> = new Set(['UNAUTHENTICATED', 'DEVICE_REVOKED', 'REFRESH_REUSED'])

export interface AuthOptions {
  readonly door: Door
  readonly store: Store
  readonly tabs: Tabs
  readonly clock: Clock
  /** Tokens of an outside issuer. */
  readonly provider: (() => Promise<string>) | null
  /** The device is signed out for good. */
  readonly onSignedOut: () => void
}

export class Auth implements Tokens {
  readonly #options: AuthOptions
  #session: Session | null = null
  #provided: string | null = null
  #gotAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<string> | null = null
  /** Counts closings: what was begun before one stores nothing after it. */
  #run = 0

  constructor(options: AuthOptions) {
    this.#options = options
  }

  get session(): Session | null {
    return this.#session
  }

  get usable(): boolean {
    return this.#session !== null || this.#options.provider !== null
  }

  adopt(session: Session | null): void {
    this.#session = session
    this.#gotAt = Number.NEGATIVE_INFINITY
  }

  /** The store may be another client's from here on: that one names the same attempt, and is given the same answer. */
  close(): void {
    this.#run++
  }

  async token(stale?: string): Promise<string> {
    const present = this.#present()
    if (present !== null && present !== stale && !this.#expiring()) return present
    this.#refreshing ??= this.#refresh(stale ?? present).finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  /** Unix ms by the clock of the server; null when only the issuer knows. */
  get expiresAt(): number | null {
    return this.#session?.accessTokenExpiresAt ?? null
  }

  #present(): string | null {
    return this.#options.provider ? this.#provided : (this.#session?.accessToken ?? null)
  }

  #expiring(): boolean {
    const { clock } = this.#options
    if (!this.#session || clock.now() - this.#gotAt < freshMs) return false
    return this.#session.accessTokenExpiresAt - clock.now() < marginMs
  }

  async #refresh(stale: string | null): Promise<string> {
    const { provider, tabs, clock } = this.#options
    if (provider) {
      this.#provided = await provider()
      return this.#provided
    }
    const run = this.#run
    return tabs.exclusively(async () => {
      const { store } = this.#options
      // In this order: both are written at once, so the attempt is not of a later session than the one read behind it.
      const attempt = (await store.get(attemptKey)) as Attempt | undefined
      const stored = (await store.get(sessionKey)) as Session | undefined
      if (!stored || !this.#session) throw this.#signOut()
      const session = stored.accessToken === stale ? await this.#renew(stored, attempt, run) : stored
      this.#session = session
      this.#gotAt = clock.now()
      return session.accessToken
    })
  }

  async #renew({ refreshToken }: Session, attempt: Attempt | undefined, run: number): Promise<Session> {
    const { door, store } = this.#options
    const stillMine = () => {
      if (run !== this.#run) throw new GodwitError('UNKNOWN_OUTCOME', 'closed')
    }
    try {
      const { attemptId } = attempt?.refreshToken === refreshToken ? attempt : await this.#begin(refreshToken)
      stillMine()
      const renewed = await door.refresh(refreshToken, attemptId)
      stillMine()
      // Durable before it is used: the old one is void from here on.
      await store.write(
        [
          [sessionKey, renewed],
          [attemptKey, undefined],
        ],
        true,
      )
      return renewed
    } catch (error) {
      if (error instanceof GodwitError && voidToken.has(error.code)) throw this.#signOut()
      throw error
    }
  }

  /** Durable before it is sent: however this ends, the next try can name it. */
  async #begin(refreshToken: string): Promise<Attempt> {
    const { store, clock } = this.#options
    const attempt: Attempt = { refreshToken, attemptId: uuid(clock) }
    await store.write([[attemptKey, attempt]], true)
    return attempt
  }

  #signOut(): GodwitError {
    if (this.#session) {
      this.#session = null
      this.#options.onSignedOut()
    }
    return new GodwitError('UNAUTHENTICATED', 'signed out')
  }
}
