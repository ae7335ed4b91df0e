/** Who one is, over every way in: one authentication for all of them, and nothing that one flow gives is good in another. */
import { createAccessTokens } from '@godwit/server/accounts/access-tokens.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveClient, openPoll, openWs } from './testing/live-client.ts'
import { type MemoryServer, startMemoryServer } from './testing/memory-server.ts'

type Account = Awaited<ReturnType<MemoryServer['register']>>

let server: MemoryServer
let ana: Account
let ben: Account
let conversationId: string
beforeAll(async () => {
  server = await startMemoryServer()
  ana = await server.register('ana')
  ben = await server.register('ben')
  const opened = await server.call('POST', '/v1/conversations', { token: ana.accessToken, body: { userId: ben.userId } })
  conversationId = opened.json.conversation.conversationId
})
afterAll(() => server.drain())

/** What each way in says to a token: the code of its refusal. */
const waysIn: Record<string, (token: string) => Promise<string>> = {
  HTTP: async (token) => (await server.call('GET', '/v1/me', { token })).json.code,
  'a WebSocket': async (token) => helloOn(await openWs(server.url), token),
  'a long poll': async (token) => helloOn(await openPoll(server.call), token),
  async auth(token) {
    const client = await (await openWs(server.url)).greet(ben.accessToken)
    client.send({ type: 'auth', token })
    const { code } = await client.next('error')
    client.end()
    return code
  },
}

async function helloOn(client: LiveClient, token: string): Promise<string> {
  client.send({ type: 'hello', token }, { type: 'resume', epoch: null, mark: null })
  const { code } = await client.next('error')
  client.end()
  return code
}

/** Each with the code that every way in answers. */
async function badTokens(): Promise<readonly (readonly [what: string, token: string, code: string])[]> {
  const { vault, clock } = server.ports
  const key = Buffer.from(await vault.getOrCreate('access-token-key', () => ''), 'base64url')
  const past = createAccessTokens({ key, clock: { ...clock, now: () => clock.now() - 3_600_000 } })
  const issued = createAccessTokens({ key, clock })
  const out = (await server.call('POST', '/v1/tokens', { body: { name: 'ben', password: 'correct horse battery' } })).json
  await server.call('DELETE', '/v1/tokens', { token: out.accessToken })
  const principal = { userId: ben.userId as 'u_', deviceId: ben.deviceId as 'd_' }
  return [
    ['no token at all', 'Moin', 'UNAUTHENTICATED'],
    ['one that is cut', ben.accessToken.slice(0, -4), 'UNAUTHENTICATED'],
    ['one that has expired', (await past.issue(principal)).token, 'TOKEN_EXPIRED'],
    ['one of a device that was signed out', out.accessToken, 'DEVICE_REVOKED'],
    ['one of a device that never was', (await issued.issue({ ...principal, deviceId: 'd_none' })).token, 'UNAUTHENTICATED'],
    ['one of another user on that device', (await issued.issue({ ...principal, userId: ana.userId as 'u_' })).token, 'UNAUTHENTICATED'],
  ]
}

describe('[T5] one authentication', () => {
  test('says the same of the same token, whichever way it comes in', async () => {
    for (const [what, token, code] of await badTokens())
      for (const [way, ask] of Object.entries(waysIn)) expect(await ask(token), `${what}, over ${way}`).toBe(code)
  })

  test('comes before everything: who has not passed it hears of nothing', async () => {
    const [mute, late] = [await openWs(server.url), await openWs(server.url)]
    late.send({ type: 'hello', token: 'Moin' })
    const passed = await (await openWs(server.url)).greet(ben.accessToken)
    const frame = { type: 'message', to: conversationId, clientMsgId: 'secret', text: 'Nur für Ben 🤫' }
    await server.call('POST', '/v1/messages', { token: ana.accessToken, body: frame })
    await passed.next('entry')
    await late.closed
    expect(mute.frames).toEqual([])
    expect(late.frames.map(({ type }) => type)).toEqual(['error'])
    for (const client of [mute, passed]) client.end()
  })

  test('cannot be passed over: what asks before hello is refused, and the socket closed', async () => {
    const asking = [
      { type: 'resume', epoch: null, mark: null },
      { type: 'watch', conversations: [conversationId] },
      { type: 'message', to: conversationId, clientMsgId: 'unasked', text: 'Wer bin ich?' },
    ]
    for (const frame of asking) {
      const client = await openWs(server.url)
      client.send(frame, { type: 'hello', token: ben.accessToken })
      expect((await client.closed).code).toBe(4200)
      expect(client.frames).toMatchObject([{ type: 'error', code: 'HELLO_FIRST' }])
    }
  })
})

describe('[T6] what one flow gives is good in no other', () => {
  test('neither an access token, nor a refresh token, nor the id of a poll or of a session', async () => {
    const pollId = (await server.call('POST', '/v1/poll', { body: {} })).json.pollId
    const client = await openWs(server.url)
    client.send({ type: 'hello', token: ben.accessToken })
    const { sessionId } = await client.next('welcome')
    client.end()
    for (const secret of [ben.refreshToken, pollId, sessionId, ben.deviceId])
      for (const [way, ask] of Object.entries(waysIn)) expect(await ask(secret), `${secret} over ${way}`).toBe('UNAUTHENTICATED')
    await server.call('DELETE', `/v1/poll/${pollId}`)
    for (const secret of [ben.accessToken, pollId, sessionId]) {
      const refreshed = await server.call('POST', '/v1/tokens/refresh', { body: { refreshToken: secret } })
      expect(refreshed.json.code, secret).toBe('UNAUTHENTICATED')
      expect((await server.call('GET', `/v1/poll/${secret.slice(0, 90)}?ack=0`)).status).toBe(404)
    }
  })

  test('an attempt to refresh that one device has named answers no other device', async () => {
    const attemptId = 'in the tunnel under the Øresund'
    const refresh = async (refreshToken: string) =>
      (await server.call('POST', '/v1/tokens/refresh', { body: { refreshToken, attemptId } })).json
    const [anas, bens] = [await refresh(ana.refreshToken), await refresh(ben.refreshToken)]
    expect([anas.userId, bens.userId]).toEqual([ana.userId, ben.userId])
    expect(anas.refreshToken).not.toBe(bens.refreshToken)
    // The two halves of different tokens: Ana's device, signed for Ben's.
    const mixed = anas.refreshToken.replace(/[^.]+$/, bens.refreshToken.split('.').at(-1))
    expect(await refresh(mixed)).toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
