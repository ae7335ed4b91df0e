import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { FlakyLink } from './flaky-link.ts'

const awayMs = 120

/** A link to a server that says everything back, and one connection over it. */
async function setUp() {
  const atServer: Socket[] = []
  const server = createServer((socket) => {
    atServer.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const link = await FlakyLink.start((server.address() as AddressInfo).port)
  onTestFinished(async () => {
    await link.close()
    server.close()
  })
  const dial = async () => {
    const socket = connect(Number(new URL(link.url).port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  const client = await dial()
  expect(await echoed(client, 'are you there?')).toBe('are you there?')
  return { link, client, dial, atServer }
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [bytes] = await once(socket, 'data')
  return String(bytes)
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))

test('after a reset both ends know at once', async () => {
  const { link, client, atServer } = await setUp()
  const ends = Promise.all([closed(client), closed(atServer[0] as Socket)])
  link.drop('reset', 60_000)
  await ends
})

test('in silence nothing passes, nobody is told, and both ends are reset when the network is back', async () => {
  const { link, client, atServer } = await setUp()
  link.drop('silent', awayMs)
  let heard = 0
  client.on('data', () => heard++)
  client.write('now?')
  await sleep(awayMs / 2)
  expect([heard, client.destroyed, atServer[0]?.destroyed]).toEqual([0, false, false])
  await Promise.all([closed(client), closed(atServer[0] as Socket)])
  expect(heard).toBe(0)
})

test('a phone that has moved knows at once, and the server does not learn it from the network', async () => {
  const { link, client, dial, atServer } = await setUp()
  const end = closed(client)
  link.drop('moved', awayMs)
  await end
  const again = await dial()
  expect(await echoed(again, 'from the other network')).toBe('from the other network')
  expect(atServer.map(({ destroyed }) => destroyed)).toEqual([false, false])
})

test('whoever dials while it is gone is let through when it is back', async () => {
  const { link, dial } = await setUp()
  link.drop('reset', awayMs)
  const begun = performance.now()
  const early = await dial()
  expect(await echoed(early, 'finally')).toBe('finally')
  expect(performance.now() - begun).toBeGreaterThan(awayMs * 0.8)
})
