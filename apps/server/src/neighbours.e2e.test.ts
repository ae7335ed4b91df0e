/**
 * What attacks cost those who do nothing wrong: the time from send to delivery of two neighbours beside each attack, against a quiet
 * run of the same server. The ratio is printed; the bound leaves room for machines that are busy with other things.
 */
import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { limits } from '@godwit/protocol/limits.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWs } from './testing/live-client.ts'
import type { Neighbours } from './testing/neighbour-thread.ts'
import { RawSocket, upgradeRequest, wsFrame } from './testing/raw-socket.ts'
import { type ServerProcess, startServerProcess } from './testing/server-process.ts'

const messages = 150
const everyMs = 20
/** Beside an attack p99 may be this much of the quiet one, or this long: attackers take their share of two cores. */
const ratioMax = 20
const p99MsMax = 500

let server: ServerProcess
let neighbours: Omit<Neighbours, 'run'>
let attacker: string
let quiet: readonly number[]
let runs = 0
beforeAll(async () => {
  server = await startServerProcess()
  const register = async (name: string) =>
    (await server.call('POST', '/v1/users', { body: { name, password: 'dreizehn Austernfischer' } })).json
  const [ana, ben, eve] = [await register('ana'), await register('ben'), await register('eve')]
  const { json } = await server.call('POST', '/v1/conversations', { token: ana.accessToken, body: { userId: ben.userId } })
  const { conversationId } = json.conversation
  neighbours = { url: server.url, tokens: [ana.accessToken, ben.accessToken], conversationId, messages, everyMs }
  attacker = eve.accessToken
  // The first is for the server to get warm.
  await measure()
  quiet = await measure()
})
afterAll(async () => void (await server.stop()))

function measure(): Promise<readonly number[]> {
  const workerData: Neighbours = { ...neighbours, run: `run-${++runs}` }
  const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
  const thread = new Worker(new URL('./testing/neighbour-thread.ts', import.meta.url), { workerData })
  thread.once('message', resolve)
  thread.once('error', reject)
  return promise
}

const p99 = (times: readonly number[]) => times[Math.floor(times.length * 0.99)] as number

/** Of the attackers, so that what the server counts by address is not what the neighbours meet. */
const elsewhere = '127.0.0.66'

interface Attack {
  readonly over: AbortSignal
  /** One of them stands where it wants to be. */
  stands(): void
}

/**
 * Keeps `count` of something going that ends again and again, as fast as the server lets it. Answers when all of them have stood once,
 * with what ends it.
 */
async function keepUp(count: number, once: (attack: Attack) => Promise<void>): Promise<() => Promise<void>> {
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  let standing = 0
  const { promise: allStand, resolve } = Promise.withResolvers<void>()
  const attack: Attack = {
    over: ending.signal,
    stands() {
      if (++standing === count) resolve()
    },
  }
  const forever = async () => {
    while (!ending.signal.aborted) await once(attack)
  }
  const all = Promise.all(Array.from({ length: count }, forever))
  await allStand
  return async () => {
    ending.abort()
    await all
  }
}

/** Until it is hung up on, or the attack is over. */
async function until(raw: RawSocket, over: AbortSignal): Promise<void> {
  const end = () => raw.end()
  over.addEventListener('abort', end)
  if (over.aborted) end()
  await raw.ended
  over.removeEventListener('abort', end)
}

const breath = () => new Promise((resolve) => setTimeout(resolve, 5))
const hello = () => wsFrame({ payload: JSON.stringify({ type: 'hello', token: attacker }) })

/** Bytes one by one, each after so long. */
async function dribble(first: string, everyMs: number, { over, stands }: Attack): Promise<void> {
  const raw = new RawSocket(server.url, elsewhere)
  raw.socket.once('connect', stands)
  raw.write(first)
  const timer = setInterval(() => raw.write('x'), everyMs)
  await until(raw, over)
  clearInterval(timer)
}

const attacks: Record<string, () => Promise<() => Promise<void>>> = {
  '[T14] 5,000 half-open requests, with a byte of a header every 5 s': () =>
    keepUp(5_000, (attack) => dribble('GET /v1/me HTTP/1.1\r\nHost: x\r\nX-A: ', 5_000, attack)),
  '[T14] 500 slow bodies': () =>
    keepUp(500, (attack) =>
      dribble('POST /v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n{', 500, attack),
    ),
  '[T14] 2,000 sockets that never say who they are': () =>
    keepUp(2_000, async ({ over, stands }) => {
      const raw = new RawSocket(server.url, elsewhere)
      raw.write(upgradeRequest())
      void raw.heard('\r\n\r\n').then(stands)
      await until(raw, over)
      await breath()
    }),
  '[T12] floods of fragments': () =>
    keepUp(10, async ({ over, stands }) => {
      const raw = await RawSocket.upgraded(server.url)
      stands()
      raw.write(wsFrame({ first: 0x01, payload: '{' }))
      for (let i = 0; i < limits.frameFragmentsMax * 4; i++) raw.write(wsFrame({ first: 0x00, payload: ' ' }))
      await raw.closeCode
      await until(raw, over)
      await breath()
    }),
  '[T13] offers of compression, and compressed frames': () =>
    keepUp(10, async ({ over, stands }) => {
      const raw = await RawSocket.upgraded(server.url, ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'])
      stands()
      raw.write(wsFrame({ first: 0xc1, payload: Buffer.alloc(100_000) }))
      await raw.closeCode
      await until(raw, over)
      await breath()
    }),
  '[T15] floods of frames, closed and back again': () =>
    keepUp(5, async ({ over, stands }) => {
      const client = await openWs(server.url)
      stands()
      client.send({ type: 'hello', token: attacker })
      for (let i = 0; i < 2_000; i++) client.sendText('{"type":"nonsense"}')
      await Promise.race([client.closed, new Promise((resolve) => over.addEventListener('abort', resolve))])
      client.end()
      await breath()
    }),
  '[T15] readers that have stalled, and ask for more': () =>
    keepUp(10, async ({ over, stands }) => {
      const raw = await RawSocket.upgraded(server.url)
      raw.write(hello())
      await raw.heard('"welcome"')
      stands()
      raw.socket.pause()
      const ping = Buffer.concat(Array(200).fill(wsFrame({ opcode: 9, payload: 'x'.repeat(125) })))
      const timer = setInterval(() => raw.write(ping), 50)
      await until(raw, over)
      clearInterval(timer)
    }),
}

test.each(Object.entries(attacks))('%s: the neighbours do not notice', async (_what, attack) => {
  const rss = server.rssBytes()
  const stop = await attack()
  const beside = await measure()
  const grown = server.rssBytes() - rss
  await stop()
  const [before, now] = [p99(quiet), p99(beside)]
  console.log(
    `p99 ${now.toFixed(1)} ms beside it, ${before.toFixed(1)} ms quiet: ratio ${(now / before).toFixed(2)}; RSS +${Math.max(0, grown >> 20)} MiB`,
  )
  expect(beside).toHaveLength(messages)
  expect(now).toBeLessThan(Math.max(before * ratioMax, p99MsMax))
  expect(grown).toBeLessThan(100 * 1024 * 1024)
})
