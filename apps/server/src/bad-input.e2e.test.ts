/**
 * Everything that no client in good order sends, over real sockets and HTTP (T9, T10): a typed error where the session can go on,
 * a close with a documented code where it cannot, and nothing stored by half.
 */
import { limits } from '@godwit/protocol/limits.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPoll, openWs, type WsClient } from './testing/live-client.ts'
import { type MemoryServer, startMemoryServer } from './testing/memory-server.ts'
import { RawSocket, wsFrame } from './testing/raw-socket.ts'

type Account = Awaited<ReturnType<MemoryServer['register']>>

let server: MemoryServer
let ana: Account
let ben: Account
/** Of Ana and Ben; and one of Ben and Eve, which Ana has no part in. */
let own: string
let others: string
let bens: WsClient
beforeAll(async () => {
  server = await startMemoryServer()
  ana = await server.register('ana')
  ben = await server.register('ben')
  const eve = await server.register('eve')
  const open = async (one: Account, other: Account): Promise<string> =>
    (await server.call('POST', '/v1/conversations', { token: one.accessToken, body: { userId: other.userId } })).json.conversation
      .conversationId
  own = await open(ana, ben)
  others = await open(ben, eve)
  bens = await (await openWs(server.url)).greet(ben.accessToken)
})
afterAll(async () => {
  bens.end()
  await server.drain()
})

async function stored(): Promise<string> {
  const { messageLog, cursors, conversations, accounts } = server.ports
  const ids = [own, others] as Parameters<typeof messageLog.heads>[0]
  const users = [ana.userId, ben.userId] as Parameters<typeof accounts.byIds>[0]
  return JSON.stringify([
    await messageLog.heads(ids),
    await Promise.all(ids.map((id) => cursors.ofConversation(id))),
    await Promise.all(users.map((id) => conversations.membershipsOf(id))),
    await accounts.byIds(users),
  ])
}

const message = () => ({ type: 'message', to: own, clientMsgId: 'bad-1', text: 'Grüße aus Kiel' })
const ack = (seq: unknown) => JSON.stringify({ type: 'ack', conversationId: own, seq, status: 'read' })
const messageWith = (more: object) => () => JSON.stringify({ ...message(), ...more })
/** As it stands in the JSON text, since `JSON.stringify` would drop or mend it. */
const messageWithText = (json: string) => () => JSON.stringify({ ...message(), text: 'TEXT' }).replace('"TEXT"', json)

const refused: [what: string, text: () => string, code: string][] = [
  ['nothing', () => '', 'BAD_JSON'],
  ['JSON cut short', () => '{"type":"ping"', 'BAD_JSON'],
  ['two frames in one', () => '{"type":"ping"}{"type":"ping"}', 'BAD_JSON'],
  ['a bare word', () => 'ping', 'BAD_JSON'],
  ['NaN', () => '{"type":"ping","mark":NaN}', 'BAD_JSON'],
  ['a number', () => '7', 'BAD_REQUEST'],
  ['null', () => 'null', 'BAD_REQUEST'],
  ['a list', () => '[{"type":"ping"}]', 'BAD_REQUEST'],
  ['no type', () => '{}', 'BAD_REQUEST'],
  ['a type that is an operator', () => '{"type":{"$ne":null}}', 'BAD_REQUEST'],
  ['an unknown frame', () => '{"type":"delete-everything"}', 'UNKNOWN_FRAME'],
  ['a frame named like a property of every object', () => '{"type":"constructor"}', 'UNKNOWN_FRAME'],
  ['a frame of the other direction', () => '{"type":"welcome","userId":"u_root"}', 'UNKNOWN_FRAME'],
  ['deep nesting', () => `{"type":"message","text":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 'TOO_LARGE'],
  ['an extra key', messageWith({ urgent: true }), 'BAD_REQUEST'],
  ['a sender of one’s own choice', messageWith({ senderId: 'u_root' }), 'BAD_REQUEST'],
  ['__proto__', () => '{"type":"ping","__proto__":{"isAdmin":true}}', 'BAD_REQUEST'],
  ['constructor.prototype', messageWith({ constructor: { prototype: { isAdmin: true } } }), 'BAD_REQUEST'],
  ['an object where text belongs', messageWith({ text: { $ne: '' } }), 'BAD_REQUEST'],
  ['a list where an id belongs', () => JSON.stringify({ ...message(), to: [own] }), 'BAD_REQUEST'],
  ['a number where text belongs', messageWith({ text: 7 }), 'BAD_REQUEST'],
  ['an id that is a path', messageWith({ to: '../../etc/passwd' }), 'BAD_REQUEST'],
  ['an id with a line break', messageWith({ clientMsgId: 'a\nb' }), 'BAD_REQUEST'],
  ['an empty text', messageWith({ text: '' }), 'BAD_REQUEST'],
  ['a text of one byte too many', messageWith({ text: 'x'.repeat(limits.textBytesMax + 1) }), 'TOO_LARGE'],
  ['a text whose UTF-8 is too long', messageWith({ text: `${'水'.repeat(limits.textBytesMax / 3)}水` }), 'TOO_LARGE'],
  ['30,000 emoji', messageWith({ text: '🎉'.repeat(30_000) }), 'TOO_LARGE'],
  ['the first half of an emoji', messageWithText('"\\ud83c"'), 'BAD_REQUEST'],
  ['the second half of an emoji within text', messageWithText('"Möwe \\udf89 ahoi"'), 'BAD_REQUEST'],
  ['a negative seq', () => ack(-1), 'BAD_REQUEST'],
  ['a fractional seq', () => ack(1.5), 'BAD_REQUEST'],
  ['a seq in quotes', () => ack('1'), 'BAD_REQUEST'],
  ['a seq beyond all integers', () => ack(0).replace(':0', ':1e300'), 'BAD_REQUEST'],
  ['a seq that is infinite', () => ack(0).replace(':0', ':1e999'), 'BAD_REQUEST'],
  ['a seq in the future', () => ack(1_000_000), 'CURSOR_AHEAD'],
  ['a target of zero', () => JSON.stringify({ type: 'delete', to: own, clientMsgId: 'bad-2', target: 0 }), 'BAD_REQUEST'],
  ['a target in the future', () => JSON.stringify({ type: 'delete', to: own, clientMsgId: 'bad-3', target: 4_000_000 }), 'FORBIDDEN'],
  ['a reply to the future', messageWith({ replyTo: 9_007_199_254_740_991 }), 'FORBIDDEN'],
  ['a conversation of others', () => JSON.stringify({ ...message(), to: others }), 'FORBIDDEN'],
  ['a cursor in a conversation of others', () => ack(1).replace(own, others), 'FORBIDDEN'],
  ['an empty batch', () => '{"type":"batch","frames":[]}', 'BAD_REQUEST'],
  ['a batch of too many', () => JSON.stringify({ type: 'batch', frames: Array(limits.batchFramesMax + 1).fill(message()) }), 'TOO_LARGE'],
  ['a batch within a batch', () => JSON.stringify({ type: 'batch', frames: [{ type: 'batch', frames: [message()] }] }), 'BAD_REQUEST'],
  ['a batch with one bad part', () => JSON.stringify({ type: 'batch', frames: [message(), { ...message(), x: 1 }] }), 'BAD_REQUEST'],
  ['a mark of nobody', () => '{"type":"ping","mark":"yesterday"}', 'BAD_REQUEST'],
  ['a second hello', () => JSON.stringify({ type: 'hello', token: ben.accessToken }), 'ALREADY_GREETED'],
  ['a second resume', () => '{"type":"resume","epoch":null,"mark":null}', 'ALREADY_RESUMED'],
  ['the token of somebody else', () => JSON.stringify({ type: 'auth', token: ben.accessToken }), 'UNAUTHENTICATED'],
]

describe('a frame that is refused', () => {
  test.each(refused)('[T10] %s: typed error, nothing stored, the session goes on', async (_what, text, code) => {
    const before = await stored()
    const client = await (await openWs(server.url)).greet(ana.accessToken)
    client.sendText(text())
    await client.next('error')
    await client.settled()
    expect(new Set(client.errors)).toEqual(new Set([code]))
    expect(await stored()).toBe(before)
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
    client.end()
  })

  test('[T9] the same over HTTP, for what is a body too', async () => {
    const before = await stored()
    for (const [what, text, code] of refused) {
      const body = text()
      if (!body.includes('"to":') || body.includes('"batch"')) continue
      const answer = await server.call('POST', '/v1/messages', { token: ana.accessToken, body })
      expect(answer.json, what).toMatchObject({ code })
      expect(answer.status, what).toBeLessThan(500)
    }
    expect(await stored()).toBe(before)
  })
})

/** Raw bytes on a socket that has greeted. */
const fatal: [what: string, bytes: () => Buffer, code: number][] = [
  ['a binary frame', () => wsFrame({ opcode: 2, payload: JSON.stringify({ type: 'ping' }) }), 1003],
  ['invalid UTF-8', () => wsFrame({ payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }), 1007],
  ['a surrogate in UTF-8 clothing', () => wsFrame({ payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) }), 1007],
  ['10^6 emoji', () => wsFrame({ payload: JSON.stringify({ ...message(), text: '🎉'.repeat(1_000_000) }) }), 1009],
  ['a length of 2^62 bytes', () => Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ['an unmasked frame', () => wsFrame({ payload: '{"type":"ping"}', masked: false }), 1002],
  ['a reserved opcode', () => wsFrame({ opcode: 3, payload: 'x' }), 1002],
  ['a reserved bit', () => wsFrame({ first: 0xc1, payload: '{"type":"ping"}' }), 1002],
  ['a continuation of nothing', () => wsFrame({ opcode: 0, payload: 'x' }), 1002],
  ['a ping in fragments', () => wsFrame({ first: 0x09, payload: 'x' }), 1002],
]

describe('what the session cannot go on after', () => {
  test.each(fatal)('[T10] %s: the documented close, and nobody else notices', async (_what, bytes, code) => {
    const before = await stored()
    const raw = await RawSocket.upgraded(server.url)
    raw.write(wsFrame({ payload: JSON.stringify({ type: 'hello', token: ana.accessToken }) }))
    await raw.heard('"welcome"')
    raw.write(bytes())
    // What comes behind it is not taken any more.
    raw.write(wsFrame({ payload: JSON.stringify(message()) }))
    expect(await raw.closeCode).toBe(code)
    await bens.settled()
    expect(await stored()).toBe(before)
  })

  test.each([
    ['a command', () => JSON.stringify(message()), 'HELLO_FIRST'],
    ['a resume', () => '{"type":"resume","epoch":null,"mark":null}', 'HELLO_FIRST'],
    ['no JSON', () => 'EHLO godwit', 'BAD_JSON'],
    ['a hello with an extra key', () => JSON.stringify({ type: 'hello', token: ana.accessToken, isAdmin: true }), 'BAD_REQUEST'],
    ['a hello with a token over its limit', () => JSON.stringify({ type: 'hello', token: 'x'.repeat(5_000) }), 'TOO_LARGE'],
  ])('[T10] %s before hello: typed error and close 4200; a hello behind it is not taken', async (_what, text, code) => {
    const before = await stored()
    const client = await openWs(server.url)
    client.sendText(text())
    client.send({ type: 'hello', token: ana.accessToken }, message())
    expect((await client.closed).code).toBe(4200)
    expect(client.frames).toMatchObject([{ type: 'error', code }])
    expect(await stored()).toBe(before)
  })

  test.each(['x', 'eyJhbGciOiJub25lIn0.e30.', '🗝️'])('[T4] hello with a token that is none (%s): UNAUTHENTICATED, 4101', async (token) => {
    const client = await openWs(server.url)
    client.send({ type: 'hello', token }, message())
    expect((await client.closed).code).toBe(4101)
    expect(client.frames).toMatchObject([{ type: 'error', code: 'UNAUTHENTICATED' }])
  })

  test('[T10] frames behind a close are not taken, also in the same packet', async () => {
    const before = await stored()
    const raw = await RawSocket.upgraded(server.url)
    raw.write(wsFrame({ payload: JSON.stringify({ type: 'hello', token: ana.accessToken }) }))
    await raw.heard('"welcome"')
    const close = wsFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) })
    raw.write(Buffer.concat([close, wsFrame({ payload: JSON.stringify(message()) }), close]))
    expect(await raw.closeCode).toBe(1000)
    await bens.settled()
    expect(await stored()).toBe(before)
  })
})

test('[T3] a token that expires in mid-session: told once, renewed by `auth`, else closed with 4100', async () => {
  const other = await startMemoryServer()
  const eve = await other.register('eve')
  const [renewing, silent] = [
    await (await openWs(other.url)).greet(eve.accessToken),
    await (await openWs(other.url)).greet(eve.accessToken),
  ]
  other.clock.skip(limits.accessTokenLifetimeS * 1_000)
  await Promise.all([renewing, silent].map((client) => client.next('error', 0, ({ code }) => code === 'TOKEN_EXPIRED')))
  expect(await other.call('GET', '/v1/me', { token: eve.accessToken })).toMatchObject({ status: 401, json: { code: 'TOKEN_EXPIRED' } })
  renewing.send({ type: 'auth', token: eve.accessToken })
  await renewing.next('error', renewing.frames.length, ({ code }) => code === 'TOKEN_EXPIRED')
  const { json: fresh } = await other.call('POST', '/v1/tokens/refresh', { body: { refreshToken: eve.refreshToken } })
  renewing.send({ type: 'auth', token: fresh.accessToken })
  await renewing.settled()

  other.clock.skip(limits.tokenExpiryGraceMs)
  expect((await silent.closed).code).toBe(4100)
  await renewing.settled()
  expect(renewing.errors).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED'])
  const late = await openWs(other.url)
  late.send({ type: 'hello', token: eve.accessToken })
  expect((await late.closed).code).toBe(4100)
  renewing.end()
  await other.drain()
})

describe('text of every kind', () => {
  const texts = [
    '\u202Eمرحبا\u202C שלום\u2067 עולם\u2069',
    '\u200B\u200C\u200D\u2060\uFEFF',
    'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
    'e\u0301 is not \u00e9',
    '\u0000\u0007\u001b[31m\\"\u2028\u2029</script>',
    '👩‍👩‍👧‍👦🏳️‍🌈🇺🇳',
    '🎉'.repeat(limits.textBytesMax / 4),
    `${'水'.repeat(limits.textBytesMax / 3)}x`,
    '  \n\t ',
  ]

  test.each(texts.map((text, n) => [n, text] as const))('comes back as it went, byte for byte (%i)', async (n, text) => {
    const client = await (await openWs(server.url)).greet(ana.accessToken)
    const from = bens.frames.length
    client.send({ type: 'message', to: own, clientMsgId: `text-${n}`, text })
    const { seq } = await client.next('ack')
    expect((await bens.next('entry', from)).entry).toMatchObject({ seq, text })
    const page = await server.call('GET', `/v1/conversations/${own}/messages?around=${seq}&limit=1`, { token: ben.accessToken })
    expect(page.json.entries).toMatchObject([{ seq, text }])
    client.end()
  })

  test('[L9] the largest text fits with every character escaped, over every transport; one byte more does not', async () => {
    const command = (id: string, length: number) =>
      JSON.stringify({ type: 'message', to: own, clientMsgId: id, text: 'TEXT' }).replace('TEXT', '\\u0061'.repeat(length))
    expect(Buffer.byteLength(command('x', limits.textBytesMax))).toBeLessThanOrEqual(limits.frameBytesMax)

    const clients = [await openWs(server.url), await openPoll(server.call)]
    for (const [n, client] of clients.entries()) {
      await client.greet(ana.accessToken)
      client.sendText(command(`whole-${n}`, limits.textBytesMax))
      await client.next('ack')
      client.sendText(command(`over-${n}`, limits.textBytesMax + 1))
      expect(await client.next('error')).toMatchObject({ code: 'TOO_LARGE', clientMsgId: `over-${n}`, conversationId: own })
      client.end()
    }
    const post = (body: string) => server.call('POST', '/v1/messages', { token: ana.accessToken, body })
    expect((await post(command('whole-http', limits.textBytesMax))).status).toBe(200)
    expect(await post(command('over-http', limits.textBytesMax + 1))).toMatchObject({ status: 413, json: { code: 'TOO_LARGE' } })
  })
})

describe('HTTP', () => {
  const of = (rest: string) => () => `/v1/conversations/${own}${rest}`
  const paths: [method: string, path: () => string, code: string][] = [
    ['GET', of('/messages?after=-1'), 'BAD_REQUEST'],
    ['GET', of('/messages?after=1.5'), 'BAD_REQUEST'],
    ['GET', of('/messages?before=0'), 'BAD_REQUEST'],
    ['GET', of('/messages?around=1e300'), 'BAD_REQUEST'],
    ['GET', of('/messages?around=NaN'), 'BAD_REQUEST'],
    ['GET', of('/messages?after=1&after=2'), 'BAD_REQUEST'],
    ['GET', of('/messages?after[$gt]=1'), 'BAD_REQUEST'],
    ['GET', of('/messages?after=1&before=3'), 'BAD_REQUEST'],
    ['GET', of('/messages?limit=0'), 'BAD_REQUEST'],
    ['GET', of('/messages?limit=201'), 'BAD_REQUEST'],
    ['GET', of('/receipts'), 'BAD_REQUEST'],
    ['GET', of('/receipts?seq=4000000'), 'FORBIDDEN'],
    ['GET', () => `/v1/conversations/${others}/messages`, 'FORBIDDEN'],
    ['GET', () => '/v1/conversations/..%2f..%2fetc%2fpasswd', 'BAD_REQUEST'],
    ['GET', () => '/v1/conversations/%00', 'BAD_REQUEST'],
    ['GET', () => `/v1/conversations/c_00${'x'.repeat(90)}`, 'BAD_REQUEST'],
    ['GET', () => `/v1/conversations/c_00${'x'.repeat(900)}`, 'NOT_FOUND'],
    ['GET', () => '/v1/conversations/__proto__', 'BAD_REQUEST'],
    ['GET', () => `/v1/conversations?cursor=${'9'.repeat(101)}`, 'TOO_LARGE'],
    ['GET', () => '/v1/users', 'BAD_REQUEST'],
    ['GET', () => '/v1/users?ids=u_1,,u_2', 'BAD_REQUEST'],
    [
      'GET',
      () =>
        `/v1/presence?ids=${Array(limits.watchUsersMax + 1)
          .fill('u_1')
          .join(',')}`,
      'TOO_LARGE',
    ],
    ['PUT', () => '/v1/blocks/constructor', 'BAD_REQUEST'],
    ['DELETE', () => '/v1/devices/d_nobody', 'FORBIDDEN'],
    ['POST', () => '/v1/poll/AAAA', 'BAD_REQUEST'],
  ]

  test.each(paths)('[T9] %s %s', async (method, path, code) => {
    const before = await stored()
    const answer = await server.call(method, path(), { token: ana.accessToken })
    expect(answer, path()).toMatchObject({ json: { code } })
    expect(answer.status).toBeLessThan(500)
    expect(await stored()).toBe(before)
  })

  test('a page far in the future is empty, and says where the end is', async () => {
    const { json } = await server.call('GET', `/v1/conversations/${own}/messages?after=9007199254740991`, { token: ana.accessToken })
    expect(json).toMatchObject({ entries: [], more: { after: false } })
  })

  test.each([
    ['n of zero', { n: 0, frames: ['{}'] }, 'BAD_REQUEST'],
    ['a frame left out', { n: 5, frames: ['{"type":"ping"}'] }, 'RETRY_IN_ORDER'],
    ['a frame that is no text', { n: 1, frames: [{ type: 'ping' }] }, 'BAD_REQUEST'],
    ['too many frames', { n: 1, frames: Array(limits.batchFramesMax + 1).fill('{}') }, 'TOO_LARGE'],
    ['an ack of what never was', null, 'BAD_REQUEST'],
  ])('[T9] a poll with %s', async (_what, body, code) => {
    const { pollId } = (await server.call('POST', '/v1/poll', { body: {} })).json
    const path = `/v1/poll/${pollId}`
    const answer = body ? await server.call('POST', path, { body }) : await server.call('GET', `${path}?ack=7`)
    expect(answer.json).toMatchObject({ code })
    await server.call('DELETE', path)
  })
})
