import { connect } from 'node:net'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { startMemoryServer } from './testing/memory-server.ts'

/** Sends `first`, then a byte a second, until the server hangs up; answers after how many ms. */
function dribble(port: number, first: string): Promise<number> {
  const begin = performance.now()
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(first))
    const timer = setInterval(() => socket.write('x'), 1_000)
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      resolve(performance.now() - begin)
    })
  })
}

test('[T14] whoever sends a request byte by byte is hung up on, and nobody waits behind them', async () => {
  const server = await startMemoryServer()
  const port = Number(new URL(server.url).port)
  const slow = Promise.all([
    ...Array.from({ length: 200 }, () => dribble(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ')),
    dribble(port, 'POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{'),
  ])
  expect(await server.call('GET', '/healthz')).toMatchObject({ status: 200 })
  // Node looks every second.
  const slackMs = 3_000
  for (const ms of await slow) expect(ms).toBeLessThan(Math.max(limits.headersTimeoutMs, limits.requestTimeoutMs) + slackMs)
  await server.drain()
})
