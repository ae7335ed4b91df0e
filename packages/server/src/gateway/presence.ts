/**
 * Who is online, and when they were last seen: lazy (only to sessions that watch a user and may see them), batched, never stored
 * but for one debounced timestamp per device (L10).
 */
import type { Presence } from '@godwit/protocol/down.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Chat, Principal } from '../chat/chat.ts'
import type { Accounts } from '../ports/accounts.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Sightings } from '../ports/sightings.ts'
import { encodeDown } from './encode.ts'
import type { HubSession } from './hub.ts'
import { LastSeen } from './last-seen.ts'
import { Watchers } from './watchers.ts'

export interface PresenceDeps {
  readonly clock: Clock
  readonly chat: Pick<Chat, 'visible'>
  readonly accounts: Pick<Accounts, 'byIds'>
  readonly sightings: Sightings
  readonly onError: (error: unknown) => void
}

/** A session that watches; `sender` is who looks. */
export interface PresenceWatcher extends HubSession {
  readonly sender: Principal
}

const nobody: ReadonlySet<UserId> = new Set()

export class PresenceBoard {
  readonly #deps: PresenceDeps
  readonly #lastSeen: LastSeen
  /** Live sessions of each user; a user who is about to be offline stays for the grace. */
  readonly #online = new Map<UserId, { sessions: number; leaving: Timer | null }>()
  readonly #watchers = new Watchers<PresenceWatcher, UserId>()
  #changed = new Set<UserId>()
  #rechecks = 0

  constructor(deps: PresenceDeps) {
    this.#deps = deps
    this.#lastSeen = new LastSeen(deps.clock, deps.sightings, deps.onError)
  }

  /** A session of the user is live. */
  arrived({ userId, deviceId }: Principal): void {
    this.#lastSeen.saw(userId, deviceId)
    const user = this.#online.get(userId)
    if (!user) {
      this.#online.set(userId, { sessions: 1, leaving: null })
      this.#change(userId)
      return
    }
    user.sessions++
    user.leaving?.cancel()
    user.leaving = null
  }

  /** A session of the user is still live: told now and then, so that a crash leaves a time that is not far off. */
  alive({ userId, deviceId }: Principal): void {
    this.#lastSeen.saw(userId, deviceId)
  }

  /** A live session has ended. A reconnect within the grace is not seen by anybody. */
  left(session: PresenceWatcher, { userId, deviceId }: Principal): void {
    this.watch(session, nobody)
    this.#lastSeen.saw(userId, deviceId)
    const user = this.#online.get(userId)
    if (!user || --user.sessions > 0) return
    user.leaving = this.#deps.clock.setTimer(limits.presenceGraceMs, () => {
      this.#online.delete(userId)
      this.#change(userId)
    })
  }

  /** Replaces whom the session watches; the caller has asked `chat.visible`. */
  watch(session: PresenceWatcher, userIds: ReadonlySet<UserId>): void {
    this.#watchers.set(session, userIds)
  }

  watchedBy(session: PresenceWatcher): ReadonlySet<UserId> {
    return this.#watchers.watchedBy(session)
  }

  watchersOf(userId: UserId): ReadonlySet<PresenceWatcher> {
    return this.#watchers.of(userId)
  }

  /** Of those whom the principal may see, in the order asked. */
  async of(principal: Principal, userIds: readonly UserId[]): Promise<readonly Presence[]> {
    return this.now(await this.#deps.chat.visible(principal, userIds))
  }

  /** The caller has asked `chat.visible`. `lastSeen` is null where the user keeps it private. */
  async now(userIds: readonly UserId[]): Promise<readonly Presence[]> {
    if (userIds.length === 0) return []
    const [accounts, stored] = await Promise.all([this.#deps.accounts.byIds(userIds), this.#deps.sightings.lastSeen(userIds)])
    return userIds.map((userId, i) => ({
      userId,
      online: this.#online.has(userId),
      lastSeen: accounts[i]?.showLastSeen ? this.#lastSeen.of(userId, stored[i] ?? null) : null,
    }))
  }

  /**
   * What the user may see, or who may see the user, has changed (a block, the end of a shared conversation): sessions on either
   * side go on watching only what they still may.
   */
  async recheck(userId: UserId): Promise<void> {
    this.#rechecks++
    const own = [...this.#watchers.sessions()].filter((session) => session.sender.userId === userId)
    for (const session of new Set([...own, ...this.#watchers.of(userId)])) await this.recheckFor(session).catch(this.#deps.onError)
  }

  /** Grows with each `recheck`, which knows nothing of a watch that is being checked. */
  get rechecks(): number {
    return this.#rechecks
  }

  /** The session goes on watching only whom it still may: nobody, when that cannot be read, which is thrown. */
  async recheckFor(session: PresenceWatcher): Promise<void> {
    const watched = this.watchedBy(session)
    if (watched.size === 0) return
    try {
      const visible = new Set(await this.#deps.chat.visible(session.sender, [...watched]))
      // Another watch has come meanwhile, or another recheck, which knew less or more.
      if (this.watchedBy(session) !== watched) return await this.recheckFor(session)
      if (visible.size < watched.size) this.watch(session, visible)
    } catch (error) {
      this.watch(session, nobody)
      throw error
    }
  }

  /** Stores what is still debounced. */
  stop(): Promise<void> {
    return this.#lastSeen.stop()
  }

  #change(userId: UserId): void {
    if (this.#watchers.of(userId).size === 0) return
    if (this.#changed.size === 0)
      this.#deps.clock.setTimer(limits.presenceIntervalMs, () => void this.#announce().catch(this.#deps.onError))
    this.#changed.add(userId)
  }

  async #announce(): Promise<void> {
    const changed = this.#changed
    this.#changed = new Set()
    const known = new Map((await this.now([...changed])).map((presence) => [presence.userId, presence]))
    const sessions = new Set([...changed].flatMap((userId) => [...this.#watchers.of(userId)]))
    for (const session of sessions) {
      if (!session.isActive) continue
      const users = [...known.values()].filter(({ userId }) => this.watchedBy(session).has(userId))
      if (users.length > 0) session.pushLossy(encodeDown({ type: 'presence', users }))
    }
  }
}
