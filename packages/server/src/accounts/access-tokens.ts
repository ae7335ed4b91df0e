/**
 * Godwit's own access tokens: JWT (RFC 7519), HS256, `typ: at+jwt` (RFC 9068). One key, one algorithm, and the key is found
 * nowhere but here: `kid`, `jku`, `jwk` and `x5u` in a header are never looked at (T4).
 */

import { createSecretKey } from 'node:crypto'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { deviceIdPattern, userIdPattern } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { JOSEError, JWTExpired } from 'jose/errors'
import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import type { Principal } from '../chat/chat.ts'
import type { Clock } from '../ports/clock.ts'

/** What a good token says. `expiresAt` is in Unix ms. */
export interface Authenticated {
  readonly principal: Principal
  readonly expiresAt: number
}

export interface AccessTokens {
  issue(principal: Principal): Promise<{ readonly token: string; readonly expiresAt: number }>
  /** Throws TOKEN_EXPIRED or UNAUTHENTICATED. Does not ask whether the device was signed out: `authenticate.ts` does. */
  verify(token: string): Promise<Authenticated>
}

/** `iss` and `aud` of own tokens. */
export const ownIssuer = 'godwit'

export function createAccessTokens({ key: bytes, clock }: { readonly key: Uint8Array; readonly clock: Clock }): AccessTokens {
  // Bytes would be imported again for every token, which costs as much as to verify it.
  const key = createSecretKey(bytes)
  /** Good tokens, by their whole text: the signature of one that comes again, with each request and reconnect, stays right. */
  const verified = new Map<string, Authenticated>()

  function remember(token: string, authenticated: Authenticated): Authenticated {
    if (verified.size >= limits.verifiedTokensMax) verified.delete(verified.keys().next().value as string)
    verified.set(token, authenticated)
    return authenticated
  }

  return {
    async issue({ userId, deviceId }) {
      const now = Math.floor(clock.now() / 1000)
      const expires = now + limits.accessTokenLifetimeS
      const token = await new SignJWT({ did: deviceId })
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
        .setSubject(userId)
        .setIssuer(ownIssuer)
        .setAudience(ownIssuer)
        .setIssuedAt(now)
        .setExpirationTime(expires)
        .sign(key)
      return { token, expiresAt: expires * 1000 }
    },
    async verify(token) {
      const known = verified.get(token)
      if (known && clock.now() < known.expiresAt) return known
      verified.delete(token)
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        typ: 'at+jwt',
        issuer: ownIssuer,
        audience: ownIssuer,
        requiredClaims: ['sub', 'did', 'exp'],
        currentDate: new Date(clock.now()),
      }).catch(refuse)
      const { sub, did, exp } = payload
      if (typeof sub !== 'string' || !userIdPattern.test(sub) || typeof did !== 'string' || !deviceIdPattern.test(did))
        throw new GodwitError('UNAUTHENTICATED')
      return remember(token, { principal: { userId: sub as UserId, deviceId: did as DeviceId }, expiresAt: (exp as number) * 1000 })
    },
  }
}

/** Turns what jose throws about a token into the errors of the table. */
export function refuse(error: unknown): never {
  if (error instanceof JWTExpired) throw new GodwitError('TOKEN_EXPIRED')
  if (error instanceof JOSEError) throw new GodwitError('UNAUTHENTICATED')
  throw error
}
