/**
 * Access tokens of the simulation. The real ones are signed by WebCrypto, in a thread of its own, whose timing no seed decides; these
 * say the same in plain text. Refresh tokens, their rotation and the standing of devices are the real ones.
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { AccessTokens } from '@godwit/server/accounts/access-tokens.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { World } from './world.ts'

export const refreshKey = Buffer.from('the key of refresh tokens, in a simulation')

export function tokensOf({ plan, reached }: World, clock: Pick<Clock, 'now'>): AccessTokens {
  return {
    async issue({ userId, deviceId }) {
      const expiresAt = clock.now() + plan.tokenLifetimeMs
      return { token: `${userId} ${deviceId} ${expiresAt}`, expiresAt }
    },
    async verify(token) {
      const [userId, deviceId, expires] = token.split(' ')
      if (!userId || !deviceId || !expires) throw new GodwitError('UNAUTHENTICATED')
      const expiresAt = Number(expires)
      if (clock.now() >= expiresAt) {
        reached.hit('token expired')
        throw new GodwitError('TOKEN_EXPIRED')
      }
      return { principal: { userId: userId as UserId, deviceId: deviceId as DeviceId }, expiresAt }
    },
  }
}
