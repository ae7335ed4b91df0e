/** Access tokens of users, made before they are needed and renewed before they end. */
import { limits } from '@godwit/protocol/limits.ts'
import type { Seeded } from '../seed/seed.ts'

const renewedAfterMs = (limits.accessTokenLifetimeS * 1_000) / 2

export class Tokens {
  readonly #world: Seeded
  readonly #tokens = new Map<number, { readonly token: string; readonly at: number }>()

  constructor(world: Seeded) {
    this.#world = world
  }

  async of(user: number): Promise<string> {
    const known = this.#tokens.get(user)
    if (known && performance.now() - known.at < renewedAfterMs) return known.token
    const token = await this.#world.tokenOf(user)
    this.#tokens.set(user, { token, at: performance.now() })
    return token
  }

  async prepare(users: Iterable<number>): Promise<void> {
    for (const user of users) await this.of(user)
  }
}
