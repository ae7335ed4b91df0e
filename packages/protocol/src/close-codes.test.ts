import { describe, expect, test } from 'vitest'
import { type CloseName, type ClosePolicy, closeCodes, closePolicy } from './close-codes.ts'

const policies: Record<CloseName, ClosePolicy> = {
  DRAINING: 'reconnect',
  SLOW_CONSUMER: 'reconnect',
  HEARTBEAT_MISSED: 'reconnect',
  OVERLOADED: 'reconnect',
  FLOODING: 'reconnect',
  INTERNAL: 'reconnect',
  TOKEN_EXPIRED: 'reauth',
  UNAUTHENTICATED: 'reauth',
  HELLO_TIMEOUT: 'reconnect',
  PROTOCOL: 'stop',
  DEVICE_REVOKED: 'stop',
  TOO_MANY_SESSIONS: 'stop',
}

describe('[L9] why a socket closes tells what to do', () => {
  test.each(Object.entries(policies))('%s: %s', (name, policy) => {
    expect(closePolicy(closeCodes[name as CloseName].code)).toBe(policy)
  })

  test.each([
    [1000, 'reconnect'],
    [1001, 'reconnect'],
    [1002, 'stop'],
    [1003, 'stop'],
    [1005, 'reconnect'],
    [1006, 'reconnect'],
    [1007, 'stop'],
    [1008, 'stop'],
    [1009, 'stop'],
    [1011, 'reconnect'],
    [1012, 'reconnect'],
    [1013, 'reconnect'],
    [1014, 'reconnect'],
    [1015, 'reconnect'],
    [4099, 'reconnect'],
    [4199, 'reauth'],
    [4299, 'stop'],
    [4300, 'reconnect'],
    [4999, 'reconnect'],
  ] as const)('%i, standard or not known yet: %s', (code, policy) => {
    expect(closePolicy(code)).toBe(policy)
  })

  test('codes are unique, and a reason fits into a close frame (RFC 6455 section 5.5)', () => {
    const rows = Object.values(closeCodes)
    expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length)
    for (const { reason } of rows) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123)
  })
})
