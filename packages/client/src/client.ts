/** The entry points: an account gives a session, a session and a store give a client. */
import type { Clock } from './clock.ts'
import type { Store } from './store.ts'
import type { Client, Session } from './types.ts'

export interface ServerOptions {
  /** Where the server is: `https://chat.example.org`. */
  readonly url: string
  readonly fetch?: typeof fetch
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
   * From where entries are reported on a device that is new. `now`: what happens from its first sync on; of a conversation joined
   * later at most the newest 200 entries of before. `start`: everything one is entitled to see.
   */
  readonly since?: 'now' | 'start'
  /** `auto`: WebSocket, and long polling where that is blocked. */
  readonly transport?: 'auto' | 'websocket' | 'poll'
  readonly clock?: Clock
  readonly WebSocket?: typeof WebSocket
}

export declare function register(options: ServerOptions & Login & { readonly displayName?: string }): Promise<Session>
export declare function login(options: ServerOptions & Login): Promise<Session>
/** No I/O until `load` or `connect`. */
export declare function createClient(options: ClientOptions): Client
