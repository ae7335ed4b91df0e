/** Tokens of the simulation: the real ones, of keys that no seed has to make, and as short-lived as the plan says. */
import { GodwitError } from '@godwit/protocol/errors.ts'
import { type AccessTokens, createAccessTokens } from '@godwit/server/accounts/access-tokens.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { World } from './world.ts'

export const refreshKey = Buffer.from('the key of refresh tokens, in a simulation')
const accessKey = Buffer.from('the key of access tokens, in a simulation')

export function tokensOf({ plan, reached }: World, clock: Pick<Clock, 'now'>): AccessTokens {
  const tokens = createAccessTokens({ key: accessKey, clock, lifetimeS: plan.tokenLifetimeMs / 1_000 })
  return {
    ...tokens,
    verify(token) {
      try {
        return tokens.verify(token)
      } catch (error) {
        if (error instanceof GodwitError && error.code === 'TOKEN_EXPIRED') reached.hit('token expired')
        throw error
      }
    },
  }
}
