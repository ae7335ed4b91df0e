/**
 * The one way in, for HTTP and WebSocket alike (T5): a token becomes a principal, or a typed refusal.
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { type AccessTokens, type Authenticated, claimsOf } from './access-tokens.ts'
import type { DeviceStanding } from './device-standing.ts'

/** Throws UNAUTHENTICATED, TOKEN_EXPIRED or DEVICE_REVOKED. */
export type Authenticate = (token: string) => Promise<Authenticated>

export interface AuthenticateDeps {
  readonly own: AccessTokens
  /** null when no outside issuer is configured. */
  readonly outside: { readonly issuer: string; readonly verify: (token: string) => Promise<Authenticated> } | null
  readonly standing: DeviceStanding
}

export function createAuthenticate({ own, outside, standing }: AuthenticateDeps): Authenticate {
  return async (token) => {
    if (token.length > limits.tokenCharsMax) throw new GodwitError('UNAUTHENTICATED')
    // The claim only chooses which verifier, with its own key, judges the token; it is believed by neither.
    const byOutside = outside !== null && claimsOf(token).iss === outside.issuer
    const authenticated = await (byOutside ? outside.verify(token) : own.verify(token))
    await standing.check(authenticated.principal)
    return authenticated
  }
}
