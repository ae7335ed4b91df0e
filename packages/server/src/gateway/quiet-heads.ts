/**
 * Heads of muted and archived conversations that a session does not look at: one row of the list every `quietHeadsIntervalMs`
 * instead of every entry. The row is made once per user, for all sessions of the user.
 */
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { ConversationSummary, UserProfile } from '@godwit/protocol/summary.ts'
import type { Chat, Principal } from '../chat/chat.ts'
import type { Clock } from '../ports/clock.ts'
import { encodeDown } from './encode.ts'
import type { HubSession } from './hub.ts'
import { nullIfRefused } from './null-if-refused.ts'

interface Due {
  readonly principal: Principal
  readonly conversations: Set<ConversationId>
  readonly sessions: Set<HubSession>
}

export class QuietHeads {
  readonly #clock: Clock
  readonly #chat: Pick<Chat, 'conversation'>
  readonly #onError: (error: unknown) => void
  #due = new Map<UserId, Due>()

  constructor(clock: Clock, chat: Pick<Chat, 'conversation'>, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#chat = chat
    this.#onError = onError
  }

  moved(principal: Principal, session: HubSession, conversationId: ConversationId): void {
    const due = this.#due.get(principal.userId)
    if (due) {
      due.conversations.add(conversationId)
      due.sessions.add(session)
      return
    }
    if (this.#due.size === 0) this.#clock.setTimer(limits.quietHeadsIntervalMs, () => void this.#tell().catch(this.#onError))
    this.#due.set(principal.userId, { principal, conversations: new Set([conversationId]), sessions: new Set([session]) })
  }

  /** User by user: a busy muted group must not take the store for itself. */
  async #tell(): Promise<void> {
    const all = this.#due
    this.#due = new Map()
    for (const { principal, conversations, sessions } of all.values()) {
      const rows: ConversationSummary[] = []
      const users = new Map<UserId, UserProfile>()
      for (const conversationId of conversations) {
        // Membership may have ended meanwhile: the entry that ended it told so.
        const answer = await this.#chat.conversation(principal, conversationId).catch(nullIfRefused)
        if (!answer) continue
        rows.push(answer.conversation)
        for (const user of answer.users) users.set(user.userId, user)
      }
      if (rows.length === 0) continue
      const frame = encodeDown({ type: 'conversations', conversations: rows, users: [...users.values()] })
      for (const session of sessions) session.push([frame])
    }
  }
}
