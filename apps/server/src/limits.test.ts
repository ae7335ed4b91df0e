/** A client at each limit that a request or frame can reach by itself: one less is taken, one more meets what the table says (L9). */
import { atLimit } from '@godwit/protocol/at-limits.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openWs } from './testing/live-client.ts'
import { type MemoryServer, startMemoryServer } from './testing/memory-server.ts'
import { RawSocket } from './testing/raw-socket.ts'

vi.setConfig({ testTimeout: 30_000 })

type Limit = keyof typeof limits
type Account = Awaited<ReturnType<MemoryServer['register']>>

const password = 'dreizehn Austernfischer'
let server: MemoryServer
let ana: Account
let group: string
let people = 0
beforeAll(async () => {
  server = await startMemoryServer()
  ana = await server.register('ana')
  const body = { clientMsgId: 'group', name: 'Pegelstand', members: [] }
  group = (await server.call('POST', '/v1/groups', { token: ana.accessToken, body })).json.conversation.conversationId
})
afterAll(() => server.drain())

/** The code of a refusal, or null. */
const ask = async (method: string, path: string, body?: object): Promise<string | null> =>
  (await server.call(method, path, { token: ana.accessToken, body })).json.code ?? null
/** The same for a frame; for one that is taken a ping is answered without an error before it. */
const say = async (frame: object): Promise<string | null> => {
  const client = await openWs(server.url)
  await client.greet(ana.accessToken, { resume: !('reads' in frame) })
  client.send(frame)
  await client.settled()
  client.end()
  return client.errors[0] ?? null
}
const ids = (count: number) => Array.from({ length: count }, (_, n) => `u_${n}`)
const letters = (count: number) => 'ß'.repeat(count)
const register = (more: object) => ask('POST', '/v1/users', { name: `p${++people}`, password, ...more })
const messageWith = (more: object) =>
  ask('POST', '/v1/messages', { type: 'message', to: group, clientMsgId: `m-${++people}`, text: 'Moin', ...more })

/** What comes of a number at the limit, and of one beyond: a refusal's code or null. `at` may also meet another refusal than the limit's. */
const asked: Partial<Record<Limit, (count: number) => Promise<string | null>>> = {
  emojiBytesMax: (count) =>
    ask('POST', '/v1/messages', { type: 'reaction', to: group, clientMsgId: `r-${count}`, target: 2, emoji: 'x'.repeat(count), on: true }),
  mentionsMax: (count) => messageWith({ mentions: Array(count).fill(ana.userId) }),
  clientMsgIdCharsMax: (count) => messageWith({ clientMsgId: 'x'.repeat(count) }),
  pageEntriesMax: (count) => ask('GET', `/v1/conversations/${group}/messages?limit=${count}`),
  listConversationsMax: (count) => ask('GET', `/v1/conversations?limit=${count}`),
  profilesMax: (count) => ask('GET', `/v1/users?ids=${ids(count)}`),
  groupAddMax: (count) => ask('POST', `/v1/conversations/${group}/members`, { clientMsgId: `add-${count}`, members: ids(count) }),
  conversationNameCharsMax: (count) => ask('PATCH', `/v1/conversations/${group}`, { clientMsgId: `name-${count}`, name: letters(count) }),
  userNameCharsMax: (count) => register({ name: 'n'.repeat(count) }),
  displayNameCharsMax: (count) => register({ displayName: letters(count) }),
  deviceNameCharsMax: (count) => register({ deviceName: letters(count) }),
  passwordCharsMax: (count) => register({ password: letters(count) }),
  tokenCharsMax: (count) => ask('POST', '/v1/tokens/refresh', { refreshToken: 'x'.repeat(count) }),
  resumeReadsMax: (count) => say({ type: 'resume', epoch: null, mark: null, reads: Array(count).fill({ conversationId: group, seq: 1 }) }),
  watchConversationsMax: (count) => say({ type: 'watch', conversations: Array(count).fill(group) }),
  watchUsersMax: (count) => say({ type: 'watch', conversations: [], users: ids(count) }),
}

test.each(Object.entries(asked) as [Limit, (count: number) => Promise<string | null>][])('[L9] at %s', async (name, reach) => {
  const [max, met] = [limits[name], atLimit[name]]
  expect(await reach(max)).not.toBe(met)
  expect(await reach(max + 1)).toBe(met)
})

test('[L9] at passwordCharsMin', async () => {
  expect(await register({ password: 'x'.repeat(limits.passwordCharsMin) })).toBeNull()
  expect(await register({ password: 'x'.repeat(limits.passwordCharsMin - 1) })).toBe(atLimit.passwordCharsMin)
})

test('[L9] at blocksPerUserMax', async () => {
  const { accounts } = server.ports
  const ben = await server.register('ben')
  const carla = await server.register('carla')
  for (const userId of ids(limits.blocksPerUserMax - 1)) await accounts.setBlock(ana.userId as 'u_', userId as 'u_', true)
  expect(await ask('PUT', `/v1/blocks/${ben.userId}`)).toBeNull()
  expect(await ask('PUT', `/v1/blocks/${carla.userId}`)).toBe(atLimit.blocksPerUserMax)
  expect(await ask('PUT', `/v1/blocks/${ben.userId}`)).toBeNull()
})

test('[L9] at rateUserBurst, and after it rateUserPerS', async () => {
  const { accessToken } = await server.register('dora')
  const refusals: { code: string; detail: string; retryAfterMs: number }[] = []
  while (refusals.length === 0) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.call('GET', '/v1/conversations', { token: accessToken })))
    refusals.push(...answers.filter(({ status }) => status !== 200).map(({ json }) => json))
  }
  expect(refusals[0]).toMatchObject({ code: atLimit.rateUserPerS, detail: 'rateUserPerS', retryAfterMs: expect.any(Number) })
})

test('[L9] at registrationsPerAddressPerHourMax', async () => {
  const small = await startMemoryServer({ GODWIT_REGISTRATIONS_PER_HOUR: '1' })
  await small.register('ana')
  const { json } = await small.call('POST', '/v1/users', { body: { name: 'ben', password } })
  expect(json).toMatchObject({ code: atLimit.registrationsPerAddressPerHourMax, detail: 'registrationsPerAddressPerHourMax' })
  await small.drain()
})

test('[L9] at headersCountMax and headersBytesMax', async () => {
  const answerTo = async (headers: string) => {
    const raw = new RawSocket(server.url)
    raw.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`)
    await raw.ended
    return JSON.parse(raw.received.split('\r\n\r\n')[1] ?? '').code
  }
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `a${n}: b\r\n`).join('')
  expect(await answerTo(lines(limits.headersCountMax - 2))).toBeUndefined()
  expect(await answerTo(lines(limits.headersCountMax - 1))).toBe(atLimit.headersCountMax)
  expect(await answerTo(`a: ${'b'.repeat(limits.headersBytesMax)}\r\n`)).toBe(atLimit.headersBytesMax)
})

test('[L9] at frameChunksMax: a frame in crumbs is closed with 1008', async () => {
  const raw = await RawSocket.upgraded(server.url)
  const closed = raw.closeCode
  raw.write(Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0]))
  let isClosed = false
  void closed.then(() => {
    isClosed = true
  })
  while (!isClosed) {
    raw.write('x')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(String(await closed)).toBe(atLimit.frameChunksMax)
})
