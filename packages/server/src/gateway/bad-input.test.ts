import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import { expect, test } from 'vitest'
import { FakeClient } from './testing/fake-socket.ts'
import { runGateway, tokenOf } from './testing/running-gateway.ts'

/** Ana and Ben talk; Eve is an outsider to it. */
async function scene() {
  const running = await runGateway()
  const [ana, ben, eve] = [await running.person('ana'), await running.person('ben'), await running.person('eve')]
  const conversationId = await running.direct(ana, ben)
  const head = async () => (await running.messageLog.heads([conversationId]))[0]?.seq
  return { ...running, ana, ben, eve, conversationId, head }
}

const message = { type: 'message', to: 'c_00x', clientMsgId: 'm-1', text: 'hi' }

const malformed: [name: string, text: string, code: string][] = [
  ['nothing', '', 'BAD_JSON'],
  ['no JSON', '{"type":"ping"', 'BAD_JSON'],
  ['a bare word', 'ping', 'BAD_JSON'],
  ['a number', '7', 'BAD_REQUEST'],
  ['null', 'null', 'BAD_REQUEST'],
  ['a list', '[{"type":"ping"}]', 'BAD_REQUEST'],
  ['no type', '{}', 'BAD_REQUEST'],
  ['a type that is no string', '{"type":{"$ne":null}}', 'BAD_REQUEST'],
  ['an unknown frame', '{"type":"delete-everything"}', 'UNKNOWN_FRAME'],
  ['a frame named like a property of every object', '{"type":"constructor"}', 'UNKNOWN_FRAME'],
  ['deep nesting', `{"type":"message","text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'TOO_LARGE'],
  ['an extra key', JSON.stringify({ ...message, urgent: true }), 'BAD_REQUEST'],
  ['__proto__', '{"type":"ping","__proto__":{"isAdmin":true}}', 'BAD_REQUEST'],
  ['an object where text belongs', JSON.stringify({ ...message, text: { $ne: '' } }), 'BAD_REQUEST'],
  ['a length that cannot be compared', '{"type":"message","to":{"length":{"toString":1}},"clientMsgId":"m-1","text":"hi"}', 'BAD_REQUEST'],
  ['a list where an id belongs', JSON.stringify({ ...message, to: ['c_00x'] }), 'BAD_REQUEST'],
  ['an id that is a path', JSON.stringify({ ...message, to: '../../etc/passwd' }), 'BAD_REQUEST'],
  ['an empty text', JSON.stringify({ ...message, text: '' }), 'BAD_REQUEST'],
  ['text over the limit', JSON.stringify({ ...message, text: 'ä'.repeat(limits.textBytesMax / 2 + 1) }), 'TOO_LARGE'],
  ['10^6 emoji', JSON.stringify({ ...message, text: '🎉'.repeat(1_000_000) }), 'TOO_LARGE'],
  ['half of an emoji', '{"type":"message","to":"c_00x","clientMsgId":"m-1","text":"\\ud83c"}', 'BAD_REQUEST'],
  ['a negative seq', JSON.stringify({ type: 'ack', conversationId: 'c_00x', seq: -1, status: 'read' }), 'BAD_REQUEST'],
  ['a fractional seq', JSON.stringify({ type: 'ack', conversationId: 'c_00x', seq: 1.5, status: 'read' }), 'BAD_REQUEST'],
  ['a seq beyond all integers', '{"type":"ack","conversationId":"c_00x","seq":1e300,"status":"read"}', 'BAD_REQUEST'],
  ['a target of zero', JSON.stringify({ ...message, type: 'delete', target: 0, text: undefined }), 'BAD_REQUEST'],
  ['too many in a batch', JSON.stringify({ type: 'batch', frames: Array(limits.batchFramesMax + 1).fill(message) }), 'TOO_LARGE'],
  ['a second hello', JSON.stringify({ type: 'hello', token: 'u_eve d_eve 9e15' }), 'ALREADY_GREETED'],
]

test.for(malformed)('[T10] %s is refused with a typed error; the session lives and nothing is stored', async ([, text, code]) => {
  const { ana, client, settle, head, unexpected } = await scene()
  const anas = await client(ana)
  const before = await head()
  anas.connection.receive(text)
  anas.send({ type: 'ping' })
  await settle()
  expect(new Set(anas.errors)).toEqual(new Set([code]))
  expect(anas.all('pong')).toHaveLength(1)
  expect(anas.socket.closedWith).toBeNull()
  expect(await head()).toBe(before)
  expect(unexpected).toEqual([])
  expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
})

test.for([
  ['a command', JSON.stringify(message), 'HELLO_FIRST'],
  ['a resume', '{"type":"resume","epoch":null,"mark":null}', 'HELLO_FIRST'],
  ['no JSON', 'GET / HTTP/1.1', 'BAD_JSON'],
  ['a hello with an extra key', '{"type":"hello","token":"u_ana d_ana 9e15","admin":true}', 'BAD_REQUEST'],
] as const)('[T10] %s before hello is refused, and the socket closed for good', async ([, text, code]) => {
  const { gateway, settle } = await scene()
  const stranger = new FakeClient(gateway)
  stranger.connection.receive(text)
  await settle()
  expect(stranger.errors).toEqual([code])
  expect(stranger.socket.closedWith?.code).toBe(closeCodes.PROTOCOL.code)
})

test('a command that cannot be read is still named in its error, each of a batch by itself', async () => {
  const { ana, client, conversationId, settle } = await scene()
  const anas = await client(ana)
  const good = { type: 'message', to: conversationId, clientMsgId: 'good', text: 'Grüße' }
  anas.connection.receive(JSON.stringify({ ...good, clientMsgId: 'bad', text: 7 }))
  anas.connection.receive(JSON.stringify({ type: 'batch', frames: [good, { ...good, clientMsgId: 'worse', colour: 'red' }] }))
  await settle()
  expect(anas.all('error').map(({ conversationId: id, clientMsgId }) => [id, clientMsgId])).toEqual([
    [conversationId, 'bad'],
    [conversationId, 'good'],
    [conversationId, 'worse'],
  ])
})

test('[T7] ids of others: an outsider can neither write, nor read cursors, nor watch, nor type', async () => {
  const { ana, eve, client, conversationId, settle, head } = await scene()
  const [anas, eves] = [await client(ana), await client(eve)]
  anas.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  const before = await head()
  const commands: AppendFrame[] = [
    { type: 'message', to: conversationId, clientMsgId: 'e-1', text: 'let me in' },
    { type: 'edit', to: conversationId, clientMsgId: 'e-2', target: 1, text: 'mine now' },
    { type: 'delete', to: conversationId, clientMsgId: 'e-3', target: 1 },
    { type: 'reaction', to: conversationId, clientMsgId: 'e-4', target: 1, emoji: '👀', on: true },
  ]
  eves.send(
    ...commands,
    { type: 'batch', frames: commands },
    { type: 'ack', conversationId, seq: 1, status: 'read' },
    { type: 'typing', conversationId },
    { type: 'watch', conversations: [conversationId], users: [ana.userId] },
  )
  await settle()
  expect(eves.errors).toEqual(Array(11).fill('FORBIDDEN'))
  expect(eves.all('presence')).toEqual([])
  expect(await head()).toBe(before)
  expect(anas.all('typing')).toEqual([])
})

test('[L8] a cursor beyond the head is refused, and names the conversation', async () => {
  const { ana, client, conversationId, settle } = await scene()
  const anas = await client(ana)
  anas.send({ type: 'ack', conversationId, seq: 1_000_000, status: 'read' })
  await settle()
  expect(anas.all('error')).toMatchObject([{ code: 'CURSOR_AHEAD', conversationId }])
})

test('right-to-left, zero-width, combining and control characters go through as they came', async () => {
  const { ana, ben, client, conversationId, settle } = await scene()
  const [anas, bens] = [await client(ana), await client(ben)]
  const texts = ['\u202Eمرحبا\u202C شكرا', '\u200B\u200D\uFEFF', 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢', '\u0000\u0007\\"\u2028', '👩‍👩‍👧‍👦🏳️‍🌈']
  for (const [n, text] of texts.entries()) anas.send({ type: 'message', to: conversationId, clientMsgId: `m-${n}`, text })
  await settle()
  expect(bens.all('entry').map(({ entry }) => (entry.kind === 'message' ? entry.text : null))).toEqual(texts)
})

test('the largest text fits a frame with every byte of it escaped', async () => {
  const { ana, client, conversationId, settle } = await scene()
  const anas = await client(ana)
  const escaped = '\\u0001'.repeat(limits.textBytesMax)
  const text = `{"type":"message","to":"${conversationId}","clientMsgId":"m-1","text":"${escaped}"}`
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.frameBytesMax)
  anas.connection.receive(text)
  await settle()
  expect(anas.all('ack')).toHaveLength(1)
})

test('[T15] a client that sends little else than refused frames is closed, and its neighbours are not', async () => {
  const { gateway, ana, ben, client, settle } = await scene()
  const bens = await client(ben)
  const flooder = new FakeClient(gateway)
  flooder.send({ type: 'hello', token: tokenOf(ana) })
  await settle()
  for (let i = 0; i <= limits.rateRefusalsPerMinuteMax; i++) flooder.connection.receive('{"type":"nonsense"}')
  expect(flooder.socket.closedWith?.code).toBe(closeCodes.FLOODING.code)
  bens.send({ type: 'ping' })
  await settle()
  expect(bens.all('pong')).toHaveLength(1)
})
