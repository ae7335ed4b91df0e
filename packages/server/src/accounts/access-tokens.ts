/**
 * Godwit's own access tokens: JWT (RFC 7519), HS256, `typ: at+jwt` (RFC 9068). A token is good when it is, to the letter, the one that
 * is issued for what it says: nothing in its header is read or chooses anything, it has to be the one that ours have (T4).
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { deviceIdPattern, userIdPattern } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Principal } from '../chat/chat.ts'
import type { Clock } from '../ports/clock.ts'

/** What a good token says. `expiresAt` is in Unix ms. */
export interface Authenticated {
  readonly principal: Principal
  readonly expiresAt: number
}

export interface AccessTokens {
  issue(principal: Principal): { readonly token: string; readonly expiresAt: number }
  /** Throws TOKEN_EXPIRED or UNAUTHENTICATED. Does not ask whether the device was signed out: `authenticate.ts` does. */
  verify(token: string): Authenticated
}

/** `iss` and `aud` of own tokens. */
export const ownIssuer = 'godwit'

/** Times in Unix seconds, as in the token. */
interface Said extends Principal {
  readonly issuedAt: number
  readonly expires: number
}

const header = base64url({ alg: 'HS256', typ: 'at+jwt' })

export interface AccessTokenDeps {
  readonly key: Uint8Array
  readonly clock: Pick<Clock, 'now'>
  /** Another one in the simulation alone, as its plan says. */
  readonly lifetimeS?: number
}

export function createAccessTokens({ key: bytes, clock, lifetimeS = limits.accessTokenLifetimeS }: AccessTokenDeps): AccessTokens {
  const key = createSecretKey(bytes)

  function sign({ userId, deviceId, issuedAt, expires }: Said): string {
    const claims = { did: deviceId, sub: userId, iss: ownIssuer, aud: ownIssuer, iat: issuedAt, exp: expires }
    const text = `${header}.${base64url(claims)}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }

  return {
    issue(principal) {
      const issuedAt = Math.floor(clock.now() / 1000)
      const expires = issuedAt + lifetimeS
      return { token: sign({ ...principal, issuedAt, expires }), expiresAt: expires * 1000 }
    },
    verify(token) {
      const said = read(token)
      if (!isSameText(token, sign(said))) throw new GodwitError('UNAUTHENTICATED')
      const { userId, deviceId, issuedAt, expires } = said
      // One of a time to come is of a clock that has been set right since: its device may have another.
      if (clock.now() >= expires * 1000 || clock.now() < (issuedAt - limits.tokenLeewayS) * 1000) throw new GodwitError('TOKEN_EXPIRED')
      return { principal: { userId, deviceId }, expiresAt: expires * 1000 }
    },
  }
}

/** Of a token that nobody vouches for yet. Throws UNAUTHENTICATED where it says none of what ours say. */
function read(token: string): Said {
  const { sub, did, iat, exp } = claimsOf(token)
  if (typeof sub !== 'string' || !userIdPattern.test(sub) || typeof did !== 'string' || !deviceIdPattern.test(did))
    throw new GodwitError('UNAUTHENTICATED')
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) throw new GodwitError('UNAUTHENTICATED')
  return { userId: sub as UserId, deviceId: did as DeviceId, issuedAt: iat as number, expires: exp as number }
}

/** What a JWT claims, of whoever it is: believed by nobody before its signature is. Throws UNAUTHENTICATED. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (typeof claims === 'object' && claims !== null) return claims as Record<string, unknown>
  } catch {
    // Below.
  }
  throw new GodwitError('UNAUTHENTICATED')
}

/** In a time that does not tell how much of `given` is right. */
export function isSameText(given: string, genuine: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(genuine)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
