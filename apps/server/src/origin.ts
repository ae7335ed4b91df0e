/**
 * Which web pages may talk to this server (T1): an exact list, the same for HTTP and for the WebSocket upgrade.
 *
 * A request without an Origin is not from a page of another site: browsers send one with every upgrade and every cross-site
 * request, and nothing here is done on an ambient cookie. So programs need no Origin; `null` (sandboxed frames) is refused.
 */
import { networkInterfaces } from 'node:os'

export type OriginRule = (origin: string | undefined) => boolean

export interface OriginRuleInput {
  readonly configured: readonly string[]
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export function createOriginRule(input: OriginRuleInput): OriginRule {
  const allowed = new Set([...input.configured, ...ownOrigins(input)])
  return (origin) => origin === undefined || allowed.has(origin)
}

/**
 * The server's own addresses. Literal addresses and `localhost` only, never the Host header: a name that an attacker points here
 * (DNS rebinding) is not ours.
 */
function ownOrigins({ host, port, tls }: OriginRuleInput): string[] {
  const everywhere = host === '0.0.0.0' || host === '::'
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const hosts = ['localhost', '127.0.0.1', '::1', ...(everywhere ? interfaces.map(({ address }) => address) : [host])]
  return hosts.map((name) => originOf(name, port, tls)).filter((origin) => origin !== null)
}

function originOf(host: string, port: number, tls: boolean): string | null {
  const url = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
  return URL.canParse(url) ? new URL(url).origin : null
}
