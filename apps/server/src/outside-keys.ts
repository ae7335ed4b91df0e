/** Keys of the outside issuer, from the configuration. */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { OutsideIssuer } from '@godwit/server/accounts/outside-issuer.ts'
import type { JWTVerifyGetKey } from 'jose'
import { JWKSMultipleMatchingKeys, JWKSNoMatchingKey } from 'jose/errors'
import { createRemoteJWKSet } from 'jose/jwks/remote'
import type { Config } from './config.ts'

export function outsideIssuer(config: Config): OutsideIssuer | null {
  const { issuer, issuerAudience: audience, issuerNameClaim: displayNameClaim } = config
  if (!issuer || !audience) return null
  if (config.issuerSharedKey) {
    const key = new TextEncoder().encode(config.issuerSharedKey)
    return { issuer, audience, displayNameClaim, key, algorithms: ['HS256'] }
  }
  const key = remoteKeys(new URL(config.issuerJwksUrl as string))
  return { issuer, audience, displayNameClaim, key, algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'] }
}

/** A key that cannot be fetched is the server's trouble and passes; a key that is not there is the token's. */
function remoteKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url)
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error
      throw new GodwitError('OVERLOADED', 'the keys of the token issuer cannot be read', 1_000)
    }
  }
}
