/** A hostile client against a server process: each test is named after its row in the table of threats. */
import { once } from 'node:events'
import { errorBody } from '@godwit/protocol/api.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { subprotocol } from '@godwit/protocol/version.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type LiveClient, openPoll, openWs } from './testing/live-client.ts'
import { RawSocket, upgradeRequest, wsFrame } from './testing/raw-socket.ts'
import { type ServerProcess, startServerProcess } from './testing/server-process.ts'

interface Account {
  readonly userId: string
  readonly deviceId: string
  readonly accessToken: string
  readonly refreshToken: string
}

const password = 'canary-Passwort 🔑'
let server: ServerProcess
let ana: Account
let ben: Account
let eve: Account
/** Of Ana and Ben. */
let conversationId: string
/** Someone who is there all the time and does nothing wrong. */
let neighbour: LiveClient
/** What must never be written to a log (T2). */
const canaries = [password, 'canary']

const signIn = async (path: '/v1/users' | '/v1/tokens', name: string): Promise<Account> => {
  const { json } = await server.call('POST', path, { body: { name, password } })
  canaries.push(json.accessToken, json.refreshToken)
  return json
}
const openDirect = async (one: Account, other: Account): Promise<string> =>
  (await server.call('POST', '/v1/conversations', { token: one.accessToken, body: { userId: other.userId } })).json.conversation
    .conversationId

beforeAll(async () => {
  server = await startServerProcess({ GODWIT_ORIGINS: 'https://chat.example.org', GODWIT_LOG_LEVEL: 'debug' })
  ana = await signIn('/v1/users', 'ana')
  ben = await signIn('/v1/users', 'ben')
  eve = await signIn('/v1/users', 'eve')
  conversationId = await openDirect(ana, ben)
  neighbour = await (await openWs(server.url)).greet(ben.accessToken)
})
afterAll(async () => {
  neighbour.end()
  expect(await server.stop()).toBe(0)
})
/** Whatever was tried, the server lives, and serves others. */
afterEach(async () => {
  await neighbour.settled()
  expect(server.hasEnded()).toBe(false)
  expect(server.output()).not.toMatch(/"level":(50|60)/)
})

const message = (clientMsgId: string, text = 'Moin, canary an Bord 🐦') => ({ type: 'message', to: conversationId, clientMsgId, text })
const greeted = async ({ accessToken }: Account): Promise<RawSocket> => {
  const raw = await RawSocket.upgraded(server.url)
  raw.write(wsFrame({ payload: JSON.stringify({ type: 'hello', token: accessToken }) }))
  await raw.heard('"welcome"')
  return raw
}
async function answerTo(bytes: string): Promise<string> {
  const raw = new RawSocket(server.url)
  raw.write(bytes)
  await raw.ended
  return raw.received
}

describe('the upgrade', () => {
  test.each([
    'https://evil.example',
    'null',
    'https://chat.example.org.evil.example',
    'https://evil-chat.example.org',
    'https://chat.example.org:444',
    'http://chat.example.org',
    'https://chat.example.org/',
    'https://chat.example.org, https://evil.example',
    'https://CHAT.example.org',
    'file://',
    '',
  ])('[T1] from a page of %j is refused with 403, before anything is asked for', async (origin) => {
    const answer = await answerTo(upgradeRequest([`Origin: ${origin}`]))
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer).toContain('ORIGIN_REFUSED')
  })

  test('[T1] with a Host of the attacker’s choice (DNS rebinding) is refused; own and configured pages, and programs, are let in', async () => {
    const { port } = new URL(server.url)
    const rebound = upgradeRequest([`Origin: http://evil.example:${port}`]).replace('Host: localhost', `Host: evil.example:${port}`)
    expect(await answerTo(rebound)).toMatch(/^HTTP\/1\.1 403 /)
    for (const origin of ['https://chat.example.org', `http://localhost:${port}`, `http://127.0.0.1:${port}`, undefined]) {
      const client = await openWs(server.url, origin === undefined ? {} : { origin })
      await client.greet(ana.accessToken)
      client.end()
    }
  })

  test.each([
    ['another path', upgradeRequest().replace('/ws', '/wsx'), 404],
    ['a path above', upgradeRequest().replace('/ws', '/../ws'), 404],
    ['a subprotocol of the future', upgradeRequest(['Sec-WebSocket-Protocol: godwit.v999']), 400],
    ['no key', upgradeRequest().replace(/Sec-WebSocket-Key.*\r\n/, ''), 400],
    ['a key that is none', upgradeRequest().replace(/Key: .*\r\n/, 'Key: \xff\r\n'), 400],
    ['an old version', upgradeRequest().replace('Version: 13', 'Version: 7'), 400],
    ['a POST', upgradeRequest().replace('GET', 'POST'), 400],
    ['HTTP/2 in the clear', upgradeRequest().replace('Upgrade: websocket', 'Upgrade: h2c'), 400],
    ['2,000 headers', upgradeRequest(Array.from({ length: 2_000 }, (_, n) => `a${n}:`)), 431],
    ['one header more than are read', upgradeRequest(Array.from({ length: limits.headersCountMax - 4 }, (_, n) => `a${n}:`)), 431],
    ['16 KiB of headers', upgradeRequest([`X-Long: ${'y'.repeat(limits.headersBytesMax)}`]), 431],
    ['32 KB of spaces for a subprotocol', upgradeRequest([`Sec-WebSocket-Protocol: a${' '.repeat(32_000)}b`]), 431],
    ['as many spaces and commas as fit', upgradeRequest([`Sec-WebSocket-Protocol: ${' ,'.repeat(7_500)}`]), 400],
  ])('[T11] with %s is refused at once, with an error of the table', async (_what, bytes, status) => {
    const from = performance.now()
    const [head, body = ''] = (await answerTo(bytes)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(errorBody.safeParse(JSON.parse(body)).error).toBeUndefined()
    expect(performance.now() - from).toBeLessThan(1_000)
  })

  test('[T10] garbage in its place, cut anywhere, ends only its own connection', async () => {
    const whole = Buffer.concat([Buffer.from(upgradeRequest()), wsFrame({ payload: '{"type":"hello","token":"canary"}' })])
    const cuts = Array.from({ length: 40 }, (_, n) => whole.subarray(0, Math.floor((whole.length * n) / 40)))
    const noise = Array.from({ length: 40 }, (_, n) =>
      Buffer.from(whole.map((byte, at) => ((at * 7 + n) % 11 === 0 ? byte ^ (n * 6 + 1) : byte))),
    )
    const sockets = [...cuts, ...noise].map((bytes) => {
      const raw = new RawSocket(server.url)
      raw.socket.end(bytes)
      return raw
    })
    await Promise.all(sockets.map(({ ended }) => ended))
  })

  test('[T13] compression that is offered is not negotiated, and a compressed frame is refused', async () => {
    const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame'
    const raw = await RawSocket.upgraded(server.url, [offer, `Sec-WebSocket-Protocol: ${subprotocol}`])
    expect(raw.received).toMatch(/^HTTP\/1\.1 101 /)
    expect(raw.received).not.toMatch(/sec-websocket-extensions/i)
    raw.write(wsFrame({ first: 0xc1, payload: Buffer.alloc(1_000) }))
    expect(await raw.closeCode).toBe(1002)
  })
})

describe('a message in fragments', () => {
  test('[T12] without end is refused after as many as are allowed, before and after hello', async () => {
    for (const raw of [await RawSocket.upgraded(server.url), await greeted(ana)]) {
      raw.write(wsFrame({ first: 0x01, payload: '{' }))
      const fragment = wsFrame({ first: 0x00, payload: ' ' })
      for (let i = 0; i < limits.frameFragmentsMax * 20; i++) raw.write(fragment)
      expect(await raw.closeCode).toBe(1008)
    }
  })

  test('[T12] that is too large as a whole is refused, though each part is small', async () => {
    const raw = await greeted(ana)
    raw.write(wsFrame({ first: 0x01, payload: '{' }))
    for (let i = 0; i < 40; i++) raw.write(wsFrame({ first: 0x00, payload: 'x'.repeat(4_096) }))
    expect(await raw.closeCode).toBe(1009)
  })

  test('[T12] bombs on many connections at once cost the server no memory', async () => {
    const before = server.rssBytes()
    const bombs = await Promise.all(Array.from({ length: 40 }, () => RawSocket.upgraded(server.url)))
    // As much as is allowed, and never the end of it.
    for (const raw of bombs) {
      raw.write(wsFrame({ first: 0x01, payload: 'x' }))
      for (let i = 1; i < limits.frameFragmentsMax; i++) raw.write(wsFrame({ first: 0x00, payload: 'x' }))
    }
    expect(await Promise.all(bombs.map(({ closeCode }) => closeCode))).toEqual(Array(40).fill(4006))
    expect(server.rssBytes() - before).toBeLessThan(40 * 1024 * 1024)
  })
})

test('[T14] half-open requests, slow bodies and sockets that never say who they are are cut off, and nobody waits for them', async () => {
  const from = performance.now()
  const took = async (raws: RawSocket[]) => {
    await Promise.all(raws.map(({ ended }) => ended))
    return performance.now() - from
  }
  const many = (count: number, bytes: string) =>
    Array.from({ length: count }, () => {
      const raw = new RawSocket(server.url)
      raw.write(bytes)
      return raw
    })
  const half = many(200, 'GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX-A: ')
  const bodies = many(30, 'POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{')
  const mute = await Promise.all(Array.from({ length: 100 }, () => RawSocket.upgraded(server.url)))
  const muteCodes = Promise.all(mute.map(({ closeCode }) => closeCode))
  const trickle = setInterval(() => {
    for (const raw of [...half, ...bodies]) raw.write('x')
  }, 1_000)
  await neighbour.settled()
  const [slowest, bodiesTook, muteTook] = await Promise.all([took(half), took(bodies), took(mute)])
  clearInterval(trickle)
  expect(new Set(await muteCodes)).toEqual(new Set([4006]))
  expect(muteTook).toBeLessThan(limits.helloDeadlineMs + 3_000)
  expect(slowest).toBeLessThan(limits.headersTimeoutMs + 4_000)
  expect(bodiesTook).toBeLessThan(limits.requestTimeoutMs + 4_000)
})

describe('flooding', () => {
  test('[T15] is answered with RATE_LIMITED, then closed with 4004; a neighbour does not notice', async () => {
    const flooder = await (await openWs(server.url)).greet(eve.accessToken)
    for (let i = 0; i < 20_000; i++) flooder.send({ type: 'ping' })
    const from = performance.now()
    await neighbour.settled()
    expect(performance.now() - from).toBeLessThan(3_000)
    expect((await flooder.closed).code).toBe(4004)
    expect(flooder.errors.filter((code) => code !== 'RATE_LIMITED' && code !== 'OVERLOADED')).toEqual([])
    expect(flooder.all('error').find(({ code }) => code === 'RATE_LIMITED')?.retryAfterMs).toBeGreaterThan(0)
    expect(flooder.all('pong').length).toBeLessThan(limits.rateConnectionBurst / 0.2 + 2_000)
  })

  test('[T15] with what cannot be read, or with typing that is dropped, ends the same way', async () => {
    const again = { type: 'typing', conversationId: await openDirect(eve, ben) }
    for (const frame of [{ type: 'nonsense' }, again]) {
      const flooder = await (await openWs(server.url)).greet(eve.accessToken)
      for (let i = 0; i < 8_000; i++) flooder.send(frame)
      expect((await flooder.closed).code).toBe(4004)
    }
  })

  test('[T15] with WebSocket pings that nobody reads the answers of is cut off', async () => {
    const before = server.rssBytes()
    const raw = await greeted(eve)
    raw.socket.pause()
    const pings = Buffer.concat(Array(2_000).fill(wsFrame({ opcode: 9, payload: 'x'.repeat(125) })))
    // As fast as they are taken: what only waits in this process says nothing of the server.
    while (!raw.socket.destroyed && raw.socket.bytesWritten < 50_000_000) {
      if (!raw.socket.write(pings)) await Promise.race([once(raw.socket, 'drain'), once(raw.socket, 'close')]).catch(() => {})
    }
    expect(raw.socket.destroyed).toBe(true)
    expect(server.rssBytes() - before).toBeLessThan(60 * 1024 * 1024)
  })

  test('[T15] with sockets from one user is capped', async () => {
    const clients: LiveClient[] = []
    for (let i = 0; i < limits.sessionsPerUserMax; i++)
      clients.push(await (await openWs(server.url)).greet(eve.accessToken, { resume: false }))
    const over = await openWs(server.url)
    over.send({ type: 'hello', token: eve.accessToken })
    expect((await over.closed).code).toBe(4202)
    for (const client of clients) client.end()
  })
})

describe('sessions', () => {
  const opens = [() => openWs(server.url), () => openPoll(server.call)]

  test.each([
    ['revoked by another device', ({ deviceId }: Account) => server.call('DELETE', `/v1/devices/${deviceId}`, { token: ana.accessToken })],
    ['signed out by itself', ({ accessToken }: Account) => server.call('DELETE', '/v1/tokens', { token: accessToken })],
  ])('[T3] a device that was %s is refused at once over HTTP, and its sockets are closed within 5 s', async (_how, end) => {
    const stolen = await signIn('/v1/tokens', 'ana')
    const clients = await Promise.all(opens.map(async (open) => (await open()).greet(stolen.accessToken)))
    const from = performance.now()
    expect((await end(stolen)).status).toBe(200)
    expect(await server.call('GET', '/v1/me', { token: stolen.accessToken })).toMatchObject({
      status: 401,
      json: { code: 'DEVICE_REVOKED' },
    })
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([4201, 4201])
    expect(performance.now() - from).toBeLessThan(limits.revocationDelayMsMax)

    const again = await openWs(server.url)
    again.send({ type: 'hello', token: stolen.accessToken })
    expect((await again.closed).code).toBe(4201)
    const refresh = await server.call('POST', '/v1/tokens/refresh', { body: { refreshToken: stolen.refreshToken } })
    expect(refresh.json.code).toBe('DEVICE_REVOKED')
  })

  test('[T3] a new password signs every other device out, on every transport', async () => {
    const [thief, owner] = [await signIn('/v1/tokens', 'eve'), await signIn('/v1/tokens', 'eve')]
    const clients = await Promise.all(opens.map(async (open) => (await open()).greet(thief.accessToken)))
    const kept = await (await openWs(server.url)).greet(owner.accessToken)
    const body = { password, newPassword: `${password}!` }
    expect((await server.call('POST', '/v1/me/password', { token: owner.accessToken, body })).status).toBe(200)
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([4201, 4201])
    await kept.settled()
    kept.end()
  })

  test('[T16] a captured frame is stored once, whoever replays it and from where', async () => {
    const outsider = await signIn('/v1/users', 'olga')
    const frame = message('captured-1')
    const first = await (await openWs(server.url)).greet(ana.accessToken)
    first.send(frame)
    const { type: _type, status: _status, duplicate: _duplicate, ...stored } = await first.next('ack')
    first.end()

    // After a reconnect, from another device, and over other transports.
    const second = await signIn('/v1/tokens', 'ana')
    for (const [open, { accessToken }] of [
      [opens[0], ana],
      [opens[0], second],
      [opens[1], second],
    ] as const) {
      const client = await (open as (typeof opens)[number])().then((opened) => opened.greet(accessToken))
      client.send(frame, frame)
      client.send({ ...frame, text: 'canary, anders' })
      expect(await client.next('error')).toMatchObject({ code: 'ID_REUSED', clientMsgId: 'captured-1' })
      await client.settled()
      expect(client.all('ack')).toMatchObject(Array(2).fill({ ...stored, duplicate: true }))
      client.end()
    }
    expect((await server.call('POST', '/v1/messages', { token: ana.accessToken, body: frame })).json).toEqual({
      ...stored,
      duplicate: true,
    })

    // By somebody else it is theirs, where they may write; and in another conversation it is another message.
    const stranger = await server.call('POST', '/v1/messages', { token: outsider.accessToken, body: frame })
    expect(stranger.json.code).toBe('FORBIDDEN')
    const elsewhere = await openDirect(ana, outsider)
    const moved = await server.call('POST', '/v1/messages', { token: ana.accessToken, body: { ...frame, to: elsewhere } })
    expect(moved.json).toMatchObject({ conversationId: elsewhere, duplicate: false })
    const page = await server.call('GET', `/v1/conversations/${conversationId}/messages?after=0&limit=200`, { token: ben.accessToken })
    expect(page.json.entries.filter(({ clientMsgId }: { clientMsgId: string }) => clientMsgId === 'captured-1')).toHaveLength(1)
  })

  test('[T16] a request of a poll that is sent again is not taken again', async () => {
    const { pollId } = (await server.call('POST', '/v1/poll', { body: {} })).json
    const path = `/v1/poll/${pollId}`
    const frames = [{ type: 'hello', token: ana.accessToken }, message('poll-1')].map((frame) => JSON.stringify(frame))
    for (let i = 0; i < 3; i++) expect((await server.call('POST', path, { body: { n: 1, frames } })).status).toBe(200)
    const heard: { type: string }[] = []
    for (let ack = 0; heard.length < 2; ack = heard.length)
      heard.push(...(await server.call('GET', `${path}?ack=${ack}`)).json.frames.map(({ frame }: { frame: { type: string } }) => frame))
    expect(heard).toMatchObject([{ type: 'welcome' }, { type: 'ack', clientMsgId: 'poll-1', duplicate: false }])
    await server.call('DELETE', path)
  })
})

test('[T2] no token, password or text is in anything that the server has written, whatever was done with it', async () => {
  const { call, url } = server
  const token = ana.accessToken
  for (const path of [
    `/v1/me?access_token=${token}`,
    `/v1/users?name=canary`,
    `/v1/poll/${token.slice(0, 90)}?ack=0`,
    `/ws?token=${token}`,
  ])
    expect((await call('GET', path)).status, path).toBeGreaterThanOrEqual(400)
  // The page of the web client, as for every path that is none of the server's.
  await call('GET', `/${token}`)
  await call('GET', '/v1/me', { token: `${token}x` })
  await call('POST', '/v1/tokens', { body: { name: 'canary', password } })
  await call('POST', '/v1/tokens', { body: `{"name":"ana","password":"${password}` })
  await call('POST', '/v1/tokens/refresh', { body: { refreshToken: `canary.${ben.refreshToken}` } })
  await call('POST', '/v1/messages', { token, body: { ...message('x'), canary: 1 } })
  await answerTo(upgradeRequest([`Sec-WebSocket-Protocol: ${token}`]))
  const inUrl = await RawSocket.upgraded(url)
  inUrl.write(wsFrame({ payload: JSON.stringify({ type: 'hello', token: `canary-${token}`, client: 'canary/1.0' }) }))
  await inUrl.ended
  expect(server.output()).toContain('"listening"')
  expect(canaries.filter((canary) => server.output().includes(canary))).toEqual([])
})
