/**
 * A changed profile, told to those who look (L10): sessions that watch the user or a conversation that the user is a member of, and the
 * user's own. Once an interval; who misses it, or does not look, reads it with the next row, page or list.
 */
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { profileOf } from '../accounts/profiles.ts'
import type { Chat } from '../chat/chat.ts'
import type { Accounts } from '../ports/accounts.ts'
import type { Clock } from '../ports/clock.ts'
import { encodeDown } from './encode.ts'
import type { Hub, HubSession } from './hub.ts'
import type { PresenceBoard } from './presence.ts'

export interface ProfileChangesDeps {
  readonly clock: Clock
  readonly accounts: Pick<Accounts, 'byIds'>
  readonly chat: Pick<Chat, 'currentConversations'>
  readonly hub: Hub
  readonly presence: PresenceBoard
  readonly onError: (error: unknown) => void
}

export class ProfileChanges {
  readonly #deps: ProfileChangesDeps
  #changed = new Set<UserId>()

  constructor(deps: ProfileChangesDeps) {
    this.#deps = deps
  }

  changed(userId: UserId): void {
    if (this.#changed.size === 0) this.#deps.clock.setTimer(limits.profileIntervalMs, () => void this.#tell().catch(this.#deps.onError))
    this.#changed.add(userId)
  }

  /** User by user: somebody with many conversations must not take the store for themselves. */
  async #tell(): Promise<void> {
    const changed = this.#changed
    this.#changed = new Set()
    for (const userId of changed) {
      const sessions = await this.#lookers(userId)
      const [account] = sessions.size > 0 ? await this.#deps.accounts.byIds([userId]) : []
      if (!account) continue
      const frame = encodeDown({ type: 'conversations', conversations: [], users: [profileOf(account)] })
      for (const session of sessions) session.push([frame])
    }
  }

  async #lookers(userId: UserId): Promise<ReadonlySet<HubSession>> {
    const { chat, hub, presence } = this.#deps
    const conversations = await chat.currentConversations(userId)
    return new Set([
      ...hub.sessionsOf(userId),
      ...presence.watchersOf(userId),
      ...conversations.flatMap((conversationId) => [...hub.watchersOf(conversationId)]),
    ])
  }
}
