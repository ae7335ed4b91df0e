/** What a session works with: one set for the whole gateway. */
import type { Authenticate } from '../accounts/authenticate.ts'
import type { Chat } from '../chat/chat.ts'
import type { Clock } from '../ports/clock.ts'
import type { Hub } from './hub.ts'
import type { InFlight } from './in-flight.ts'
import type { Flusher } from './outbox.ts'
import type { PresenceBoard } from './presence.ts'
import type { QuietHeads } from './quiet-heads.ts'
import type { SharedRates } from './rate.ts'
import type { Turns } from './turns.ts'

export interface Services {
  readonly clock: Clock
  readonly chat: Chat
  readonly authenticate: Authenticate
  /** Of the log: changes when it was restored from a backup. */
  readonly epoch: string
  readonly hub: Hub
  readonly presence: PresenceBoard
  readonly quietHeads: QuietHeads
  readonly rates: SharedRates
  readonly flusher: Flusher
  readonly inFlight: InFlight
  /** Answers to `resume`. */
  readonly resumes: Turns
  /** Hears of what nobody expected: a bug, or a port that failed. Never of refusals. */
  readonly onError: (error: unknown) => void
}
