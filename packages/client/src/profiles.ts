/** Names of people, as answers and frames bring them along: bounded, and asked for again when they are looked at and may be out of date. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import type { Api } from './api.ts'
import { type Cache, keys } from './cache.ts'
import type { Clock } from './clock.ts'
import type { ConversationState } from './conversation-state.ts'
import { Cell } from './live.ts'

export interface ProfilesOptions {
  readonly api: Api
  readonly cache: Cache
  readonly clock: Clock
  readonly states: ReadonlyMap<ConversationId, ConversationState>
  /** The title of this `direct` conversation is another now. */
  readonly onRenamed: (id: ConversationId) => void
}

export class Profiles {
  readonly all = new Cell<ReadonlyMap<UserId, UserProfile>>(new Map())
  readonly #o: ProfilesOptions
  /** Unix ms at which each was last heard of or asked for, in this run. */
  readonly #heardAt = new Map<UserId, number>()

  constructor(options: ProfilesOptions) {
    this.#o = options
  }

  get(id: UserId): UserProfile | undefined {
    return this.all.get().get(id)
  }

  restore(users: readonly UserProfile[]): void {
    this.all.set(new Map(users.map((user) => [user.userId, user])))
  }

  add(users: readonly UserProfile[]): void {
    const { cache, clock } = this.#o
    for (const { userId } of users) this.#heardAt.set(userId, clock.now())
    const changed = users.filter((user) => {
      const known = this.get(user.userId)
      return known?.displayName !== user.displayName || known.name !== user.name
    })
    if (changed.length === 0) return
    const all = new Map(this.all.get())
    for (const user of changed) {
      all.set(user.userId, user)
      cache.share(keys.profile + user.userId, () => user)
    }
    if (all.size > limits.clientProfilesMax) this.#forgetOldest(all)
    this.all.set(all)
    const names = new Set<UserId | null>(changed.map(({ userId }) => userId))
    for (const [id, peerId] of this.#peers()) if (names.has(peerId)) this.#o.onRenamed(id)
  }

  /** Fetches those that are not known. */
  load(ids: readonly UserId[]): Promise<void> {
    return this.#fetch(ids.filter((id) => !this.get(id)))
  }

  /** These are on the screen: one that was not heard of for long may have another name by now. What cannot be fetched stays as it is. */
  look(ids: readonly UserId[]): void {
    const now = this.#o.clock.now()
    const due = ids.filter((id) => Math.abs(now - (this.#heardAt.get(id) ?? 0)) >= limits.clientProfileStaleMs)
    for (const id of due) this.#heardAt.set(id, now)
    this.#fetch(due).catch(() => {
      for (const id of due) this.#heardAt.delete(id)
    })
  }

  async #fetch(ids: readonly UserId[]): Promise<void> {
    const each = [...new Set(ids)]
    for (let i = 0; i < each.length; i += limits.profilesMax) {
      const { users } = await this.#o.api.users({ ids: each.slice(i, i + limits.profilesMax).join(',') })
      this.add(users)
    }
  }

  #peers(): (readonly [ConversationId, UserId | null])[] {
    return [...this.#o.states].map(([id, { facts }]) => [id, facts.peerId])
  }

  /** A tenth at once, so that it is seldom. Peers of the list stay: their rows have no title without them. */
  #forgetOldest(all: Map<UserId, UserProfile>): void {
    const kept = new Set(this.#peers().map(([, peerId]) => peerId))
    const heardAt = (id: UserId) => this.#heardAt.get(id) ?? 0
    const oldest = [...all.keys()].filter((id) => !kept.has(id)).sort((a, b) => heardAt(a) - heardAt(b))
    for (const id of oldest.slice(0, limits.clientProfilesMax / 10)) {
      all.delete(id)
      this.#heardAt.delete(id)
      this.#o.cache.share(keys.profile + id, () => undefined)
    }
  }
}
