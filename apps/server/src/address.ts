/**
 * Where a request comes from, for budgets and the log. `X-Forwarded-For` is believed only as far as it was written by proxies of
 * the configuration (T25): from the nearest hop outwards, the first address that is not one of them is the client.
 */
import type { IncomingMessage } from 'node:http'
import { type BlockList, isIP } from 'node:net'
import { networks } from './config.ts'

export type AddressOf = (request: IncomingMessage) => string

export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const trusted = networks(trustedProxies)
  return (request) => {
    let address = plain(request.socket.remoteAddress ?? '')
    const hops = String(request.headers['x-forwarded-for'] ?? '').split(',')
    while (isTrusted(trusted, address)) {
      const next = plain(hops.pop()?.trim() ?? '')
      if (!isIP(next)) break
      address = next
    }
    return address
  }
}

/** An IPv6 customer has a whole /64: budgets count by that. */
export function budgetKey(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4).join(':')
}

function isTrusted(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** IPv4 that arrives on an IPv6 socket, as IPv4. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '')
