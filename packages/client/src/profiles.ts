/** Names of people, as answers and frames bring them along. */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import type { Api } from './api.ts'
import { type Cache, keys } from './cache.ts'
import { Cell } from './live.ts'

export class Profiles {
  readonly all = new Cell<ReadonlyMap<UserId, UserProfile>>(new Map())
  readonly #api: Api
  readonly #cache: Cache
  readonly #onChange: (ids: ReadonlySet<UserId>) => void

  constructor(api: Api, cache: Cache, onChange: (ids: ReadonlySet<UserId>) => void) {
    this.#api = api
    this.#cache = cache
    this.#onChange = onChange
  }

  get(id: UserId): UserProfile | undefined {
    return this.all.get().get(id)
  }

  restore(users: readonly UserProfile[]): void {
    this.all.set(new Map(users.map((user) => [user.userId, user])))
  }

  add(users: readonly UserProfile[]): void {
    const changed = users.filter((user) => {
      const known = this.get(user.userId)
      return known?.displayName !== user.displayName || known.name !== user.name
    })
    if (changed.length === 0) return
    const all = new Map(this.all.get())
    for (const user of changed) {
      all.set(user.userId, user)
      this.#cache.share(keys.profile + user.userId, () => user)
    }
    this.all.set(all)
    this.#onChange(new Set(changed.map(({ userId }) => userId)))
  }

  async load(ids: readonly UserId[]): Promise<void> {
    const lacking = [...new Set(ids)].filter((id) => !this.get(id))
    for (let i = 0; i < lacking.length; i += limits.profilesMax) {
      const { users } = await this.#api.users({ ids: lacking.slice(i, i + limits.profilesMax).join(',') })
      this.add(users)
    }
  }
}
