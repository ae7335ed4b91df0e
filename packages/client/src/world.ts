/** What the parts of a client share. */
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationSummary, UserProfile } from '@godwit/protocol/summary.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import type { Api } from './api.ts'
import type { Cache } from './cache.ts'
import type { Clock } from './clock.ts'
import type { ConversationState } from './conversation-state.ts'
import type { Emitter } from './live.ts'

export interface World {
  readonly clock: Clock
  readonly api: Api
  readonly cache: Cache
  readonly emitter: Emitter
  readonly states: Map<ConversationId, ConversationState>
  /** Throws before the user is known: nobody is signed in. */
  readonly me: () => UserId
  /** False while there is no live session. */
  readonly send: (frame: UpFrame) => boolean
  readonly profiles: { add(users: readonly UserProfile[]): void; look(ids: readonly UserId[]): void }
  /** The row of this conversation may look different now. */
  readonly changed: (id: ConversationId) => void
  /**
   * The server's row of a conversation, from an answer. After `close` it is passed over: that its entries were reported could not be
   * stored, and the next life would report them again.
   */
  readonly learn: (summary: ConversationSummary) => unknown
  /** Something failed that no promise tells of. */
  readonly report: (error: unknown) => void
}
