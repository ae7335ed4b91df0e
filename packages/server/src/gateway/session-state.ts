/**
 * The life of a session.
 *
 *   greeting -> authenticated -> resuming -> live
 *      |             |    ^---------|          |
 *      +-------------+-- closed ----+----------+
 *
 * A state has what only that state needs. Commands are taken from `authenticated` on; pushes come from `live` on, and are held
 * while `resuming`, so that none falls between the answer of the resume and what follows it (L7).
 */
import type { Sender } from '../chat/chat.ts'
import type { Frame } from '../ports/socket.ts'
import type { Greeting } from './greeting.ts'

export type SessionState =
  | { readonly name: 'greeting'; readonly greeting: Greeting }
  | { readonly name: 'authenticated'; readonly identity: Identity }
  | { readonly name: 'resuming'; readonly identity: Identity; readonly held: Frame[]; heldBytes: number }
  | { readonly name: 'live'; readonly identity: Identity }
  | { readonly name: 'closed' }

/** Who the session is. */
export interface Identity {
  readonly sender: Sender & { readonly sessionId: string }
  /** Unix ms; `auth` moves it. */
  tokenExpiresAt: number
  /** The client knows that its token has expired, and has the grace to renew it. */
  isExpiryTold: boolean
}

/** The states in which the session belongs to somebody. */
export type GreetedState = Extract<SessionState, { identity: Identity }>
