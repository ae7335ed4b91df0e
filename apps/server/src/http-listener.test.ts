import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { errorBody } from '@godwit/protocol/api.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { pollRoutes } from '@godwit/server/gateway/poll-routes.ts'
import { routes } from '@godwit/server/gateway/routes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMemoryServer } from './testing/memory-server.ts'

type Server = Awaited<ReturnType<typeof startMemoryServer>>
let server: Server
let ada: Awaited<ReturnType<Server['register']>>
let grace: typeof ada
beforeAll(async () => {
  server = await startMemoryServer({ GODWIT_ORIGINS: 'https://chat.example.org' })
  ada = await server.register('ada')
  grace = await server.register('grace')
})
afterAll(() => server.drain())

const fill = (path: string) =>
  path.replace(':conversationId', 'c_00nowhere').replace(':userId', grace.userId).replace(':deviceId', 'd_nowhere')

describe('the way of a message over HTTP [R35]', () => {
  test('direct conversation, send, retry, read back, unread, cursor', async () => {
    const { call } = server
    const opened = await call('POST', '/v1/conversations', { token: ada.accessToken, body: { userId: grace.userId } })
    const { conversationId } = opened.json.conversation
    const text = 'Die Pfuhlschnepfe 🐦 ルーズベルト العربية `const π = 3`'
    const message = { type: 'message', to: conversationId, clientMsgId: 'moth-1', text }
    const sent = await call('POST', '/v1/messages', { token: ada.accessToken, body: message })
    expect(sent).toMatchObject({ status: 200, json: { conversationId, clientMsgId: 'moth-1', duplicate: false } })
    const again = await call('POST', '/v1/messages', { token: ada.accessToken, body: message })
    expect(again.json).toEqual({ ...sent.json, duplicate: true })
    const reused = await call('POST', '/v1/messages', { token: ada.accessToken, body: { ...message, text: 'other' } })
    expect(reused).toMatchObject({ status: 409, json: { code: 'ID_REUSED' } })

    const page = await call('GET', `/v1/conversations/${conversationId}/messages?after=1`, { token: grace.accessToken })
    expect(page.json.entries).toEqual([expect.objectContaining({ seq: sent.json.seq, text, senderId: ada.userId })])
    const list = await call('GET', '/v1/conversations', { token: grace.accessToken })
    expect(list.json.conversations).toEqual([expect.objectContaining({ conversationId, unread: 1 })])
    const read = await call('POST', `/v1/conversations/${conversationId}/cursor`, {
      token: grace.accessToken,
      body: { seq: sent.json.seq, status: 'read' },
    })
    expect(read.json).toEqual({ read: sent.json.seq, head: sent.json.seq, unread: 0, mentions: 0 })
    const ahead = await call('POST', `/v1/conversations/${conversationId}/cursor`, {
      token: grace.accessToken,
      body: { seq: sent.json.seq + 1, status: 'read' },
    })
    expect(ahead).toMatchObject({ status: 409, json: { code: 'CURSOR_AHEAD' } })
  })

  test('a group: created twice is created once; members, role, name, leaving', async () => {
    const { call } = server
    const body = { clientMsgId: 'group-1', name: 'Wading birds', members: [grace.userId] }
    const made = await call('POST', '/v1/groups', { token: ada.accessToken, body })
    const { conversationId } = made.json.conversation
    expect((await call('POST', '/v1/groups', { token: ada.accessToken, body })).json.conversation.conversationId).toBe(conversationId)
    const rename = { token: ada.accessToken, body: { clientMsgId: 'rename-1', name: '渉禽類' } }
    expect((await call('PATCH', `/v1/conversations/${conversationId}`, rename)).status).toBe(200)
    const roles = await call('GET', `/v1/conversations/${conversationId}/members`, { token: grace.accessToken })
    expect(roles.json.members.map(({ name, role }: { name: string; role: string }) => [name, role])).toEqual([
      ['ada', 'owner'],
      ['grace', 'member'],
    ])
    const leave = `/v1/conversations/${conversationId}/members/${grace.userId}?clientMsgId=leave-1`
    expect((await call('DELETE', leave, { token: grace.accessToken })).status).toBe(200)
    const gone = await call('GET', `/v1/conversations/${conversationId}/members`, { token: grace.accessToken })
    expect(gone.json.code).toBe('FORBIDDEN')
  })
})

describe('every route of the table', () => {
  test.each(routes.filter(({ auth }) => auth === 'token').map((route) => [`${route.method} ${route.path}`, route] as const))(
    '[T7] %s is refused without a token, and with one that is none',
    async (_name, { method, path }) => {
      const url = fill(path)
      expect(await server.call(method, url)).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } })
      expect(await server.call(method, url, { token: 'eyJhbGciOiJub25lIn0.e30.' })).toMatchObject({ status: 401 })
      expect(await server.call(method, url, { headers: { authorization: `Basic ${ada.accessToken}` } })).toMatchObject({ status: 401 })
    },
  )

  test.each(routes.filter(({ body }) => body !== undefined).map((route) => [`${route.method} ${route.path}`, route] as const))(
    '[T9] %s refuses bodies of another shape',
    async (_name, { method, path }) => {
      for (const body of ['null', '7', '[]', '"text"', '{"$ne":null}', '{"__proto__":{"admin":true}}', '{"constructor":{}}']) {
        const answer = await server.call(method, fill(path), { token: ada.accessToken, body })
        expect(answer, body).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST' } })
      }
    },
  )

  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '[T9] %s refuses query keys that it does not know',
    async (_name, { method, path }) => {
      const answer = await server.call(method, `${fill(path)}?admin=1&__proto__=1`, { token: ada.accessToken })
      expect(answer).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST' } })
    },
  )

  test('is described in OpenAPI 3.1 and on the page', async () => {
    const { json: api } = await server.call('GET', '/openapi.json')
    expect(api.openapi).toBe('3.1.0')
    const described = Object.entries(api.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    const all = [...routes, ...Object.values(pollRoutes)]
    expect(described.sort()).toEqual(all.map(({ method, path }) => `${method} ${path}`).sort())
    expect(new Set(all.map(({ operation }) => operation)).size).toBe(all.length)
    const page = await server.call('GET', '/docs')
    for (const { summary } of all) expect(page.text).toContain(summary.slice(0, 30))
    expect(page.text).not.toContain('<script')
  })
})

describe('bad input', () => {
  const send = (body: unknown, headers = {}) => server.call('POST', '/v1/tokens', { body, headers })

  test.each([
    ['cut short', '{"name": "ada"', 'BAD_JSON', 400],
    ['nested deeply', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'TOO_LARGE', 413],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 'BAD_JSON', 400],
    ['too long', JSON.stringify({ name: 'a'.repeat(limits.frameBytesMax) }), 'TOO_LARGE', 413],
    ['of another type', 'name=ada', 'BAD_JSON', 400],
    ['a list where a name belongs', { name: ['ada'], password: 'x' }, 'BAD_REQUEST', 400],
    ['with a key too many', { name: 'ada', password: 'x', admin: true }, 'BAD_REQUEST', 400],
  ])('a body %s', async (_what, body, code, status) => {
    expect(await send(body)).toMatchObject({ status, json: { code } })
  })

  test('another content type', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await send('name=ada', headers)).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST' } })
  })

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ] as const)('[T13] a bomb in a compressed body (%s) is not unpacked, and no answer of the API is packed', async (encoding, pack) => {
    const bomb = pack(Buffer.from(`{"name":"${'a'.repeat(20_000_000)}"}`))
    expect(bomb.length).toBeLessThan(limits.frameBytesMax)
    const before = process.memoryUsage().rss
    expect(await send(bomb, { 'content-encoding': encoding })).toMatchObject({ status: 400, json: { code: 'BAD_JSON' } })
    expect(process.memoryUsage().rss - before).toBeLessThan(10_000_000)
    const answer = await server.call('GET', '/v1/me', { token: ada.accessToken, headers: { 'accept-encoding': encoding } })
    expect([answer.status, answer.headers.get('content-encoding')]).toEqual([200, null])
  })

  test.each(['/v1', '/v1/', '/v1/nothing', '/v1/me/', '/v1/%', '/v1/%ff/x', '/v1/conversations/%00', '/assets/none.js', '/ws'])(
    '[T10] no such path: %s',
    async (path) => {
      const { status, json } = await server.call('GET', path, { token: ada.accessToken })
      expect([400, 403, 404, 426]).toContain(status)
      expect(errorBody.safeParse(json).error).toBeUndefined()
    },
  )

  test('as many profiles as may be asked for at once can be asked for, by ids of any length', async () => {
    const ids = Array.from({ length: limits.profilesMax }, (_, n) => `u_${String(n).padStart(40, '0')}`)
    const query = new URLSearchParams({ ids: [ada.userId, ...ids.slice(1)].join(',') })
    const { status, json } = await server.call('GET', `/v1/users?${query}`, { token: ada.accessToken })
    expect([status, json.users]).toEqual([200, [expect.objectContaining({ userId: ada.userId })]])
  })

  test('[T11] a URL and headers beyond their limits', async () => {
    expect(await server.call('GET', `/v1/users?name=${'x'.repeat(limits.urlCharsMax)}`)).toMatchObject({ status: 413 })
    const answer = await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(limits.headersBytesMax)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 431/)
  })

  test('[T10] noise on the port leaves the server as it was', async () => {
    for (const noise of [
      '\0\x01\x02\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      '\x16\x03\x01\x02\0\x01\0',
      'POST /v1/tokens HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    ])
      await raw(noise)
    expect(await server.call('GET', '/healthz')).toMatchObject({ status: 200 })
  })

  test.each([
    ['no Host', 'GET /v1/me HTTP/1.1\r\n\r\n', 400],
    ['an expectation of its own', 'GET /v1/me HTTP/1.1\r\nHost: x\r\nExpect: low-tide\r\n\r\n', 401],
    ['no HTTP', 'EHLO godwit\r\n\r\n', 400],
  ])('[T10] a request with %s is refused with an error of the table', async (_what, bytes, status) => {
    const [head, body = ''] = (await raw(bytes)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(errorBody.safeParse(JSON.parse(body)).error).toBeUndefined()
  })

  /** What comes back for bytes that no HTTP client would send. */
  function raw(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = ''
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.end(bytes, 'latin1'))
      socket.on('data', (data) => {
        answer += data
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(answer))
    })
  }
})

describe('[T1] origins', () => {
  const me = (origin: string) => server.call('GET', '/v1/me', { token: ada.accessToken, headers: { origin } })

  test.each([
    'https://evil.example',
    'null',
    'https://chat.example.org.evil.example',
    'http://chat.example.org',
    'https://evil-chat.example.org',
    'https://chat.example.org:444',
  ])('%s is refused before the token is looked at', async (origin) => {
    expect(await me(origin)).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } })
  })

  test('the configured one and the own one are allowed, exactly and without cookies', async () => {
    for (const origin of ['https://chat.example.org', new URL(server.url).origin]) {
      const { status, headers } = await me(origin)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin])
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')).toContain('origin')
    }
    const preflight = await server.call('OPTIONS', '/v1/messages', { headers: { origin: 'https://chat.example.org' } })
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization, content-type'])
  })
})

test('every answer has the security headers; pages have a policy of their own', async () => {
  for (const path of ['/', '/healthz', '/v1/me', '/nowhere', '/docs', '/openapi.json', '/assets/none.js']) {
    const { headers } = await server.call('GET', path)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('content-security-policy'), path).toContain("default-src 'none'")
    expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'")
  }
  expect((await server.call('GET', '/c/anything')).headers.get('content-type')).toContain('text/html')
})

test('[T15] a user who asks too much is told when to come back, and others do not notice', async () => {
  const eve = await server.register('eve')
  const refused: { status: number; headers: Headers; json: { retryAfterMs: number } }[] = []
  // What is spent does not come back meanwhile, however slow the machine.
  server.clock.stop()
  for (let round = 0; round < 20 && refused.length === 0; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.call('GET', '/v1/conversations', { token: eve.accessToken })))
    refused.push(...answers.filter(({ status }) => status === 429))
  }
  expect(refused[0]?.json.retryAfterMs).toBeGreaterThan(0)
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await server.call('GET', '/v1/me', { token: ada.accessToken })).toMatchObject({ status: 200 })
  server.clock.go()
})

test('a drain refuses with an error of the table, and tells a balancer', async () => {
  const other = await startMemoryServer()
  const { accessToken } = await other.register('ada')
  const drained = other.drain()
  const answers = await Promise.allSettled(['/healthz', '/v1/me'].map((path) => other.call('GET', path, { token: accessToken })))
  for (const answer of answers)
    if (answer.status === 'fulfilled') expect(answer.value).toMatchObject({ status: 503, json: { code: 'DRAINING' } })
  await drained
  await expect(other.call('GET', '/healthz')).rejects.toThrow()
})

test('[T2] tokens, passwords, texts and names asked for are not in the log', async () => {
  const { logged, call } = server
  await call('GET', '/v1/users?name=grace', { token: ada.accessToken })
  await call('POST', '/v1/tokens', { body: { name: 'ada', password: 'canary-password' } })
  await call('POST', '/v1/tokens/refresh', { body: { refreshToken: 'canary-refresh' } })
  const all = logged.join('')
  expect(all.length).toBeGreaterThan(0)
  for (const canary of [ada.accessToken, ada.refreshToken, 'canary-password', 'canary-refresh', 'name=grace', 'Pfuhlschnepfe'])
    expect(all).not.toContain(canary)
})
