import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { budgetKey, createAddressOf } from './address.ts'

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

describe('[T25] X-Forwarded-For', () => {
  const proxied = createAddressOf(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

  test.each([
    ['from nobody who is trusted, it is not read', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['from a proxy, it is the client', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['what the client wrote itself stands further left and is not read', '127.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
    ['through two proxies', '10.1.1.1', '198.51.100.1, 10.2.2.2', '198.51.100.1'],
    ['on an IPv6 socket', '::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['IPv6 proxies and clients', 'fd00::7', '2001:db8::1', '2001:db8::1'],
    ['nonsense leaves the proxy', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['none at all', '127.0.0.1', undefined, '127.0.0.1'],
  ])('%s', (_what, remote, forwarded, client) => {
    expect(proxied(request(remote, forwarded))).toBe(client)
  })

  test('without a configured proxy it is never read', () => {
    expect(createAddressOf([])(request('127.0.0.1', '198.51.100.1'))).toBe('127.0.0.1')
  })
})

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('the budget of %s is counted by %s', (address, key) => {
  expect(budgetKey(address)).toBe(key)
})
