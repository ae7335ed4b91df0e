/** The entry points: an account gives a session, a session and a store give a client. */
import { Door } from './api.ts'
import { GodwitClient } from './client-core.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock-browser.ts'
import { type Fetch, Http } from './http.ts'
import type { Store } from './store.ts'
import type { Client, Session } from './types.ts'

export interface ServerOptions {
  /** Where the server is: `https://chat.example.org`. */
  readonly url: string
  readonly fetch?: Fetch
}

export interface Login {
  readonly name: string
  readonly password: string
  /** Shown in the list of devices. */
  readonly deviceName?: string
}

export interface ClientOptions extends ServerOptions {
  /** From `register` or `login`; left out, the one in the store. A session of another user empties the store first. */
  readonly session?: Session
  /** Instead of a session: tokens of one's own issuer. Called whenever a fresh one is needed. */
  readonly token?: () => Promise<string>
  /** In memory when left out: then nothing survives a restart. */
  readonly store?: Store
  /**
   * From where entries are reported on a device that is new. `now`: what happens from its first sync on; of a conversation that
   * appears later at most the newest 200 entries of before. `start`: everything one is entitled to see.
   */
  readonly since?: 'now' | 'start'
  /** `auto`: WebSocket, and long polling where that is blocked. */
  readonly transport?: 'auto' | 'websocket' | 'poll'
  readonly clock?: Clock
  readonly WebSocket?: typeof WebSocket
}

/** Throws `NAME_TAKEN`, `REGISTRATION_CLOSED`, `BAD_REQUEST` or `RATE_LIMITED`. */
export function register({ url, fetch, ...account }: ServerOptions & Login & { readonly displayName?: string }): Promise<Session> {
  return door(url, fetch).register(account)
}

/** Throws `BAD_CREDENTIALS` or `RATE_LIMITED`. */
export function login({ url, fetch, ...account }: ServerOptions & Login): Promise<Session> {
  return door(url, fetch).login(account)
}

/** No I/O until `load` or `connect`. */
export function createClient(options: ClientOptions): Client {
  return new GodwitClient(options)
}

function door(url: string, fetch: Fetch | undefined): Door {
  return new Door(new Http({ url, fetch: fetch ?? globalThis.fetch, clock: systemClock, tokens: null }))
}
