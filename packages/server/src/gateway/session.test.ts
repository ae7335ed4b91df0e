import { closeCodes } from '@godwit/protocol/close-codes.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Chat } from '../chat/chat.ts'
import type { Announcement, Run } from '../ports/delivery.ts'
import { FakeClient } from './testing/fake-socket.ts'
import { runGateway, tokenOf } from './testing/running-gateway.ts'

const hour = 60 * 60 * 1000

async function greetedBen(replace?: (chat: Chat) => Partial<Chat>) {
  const running = await runGateway(replace)
  const [ana, ben] = [await running.person('ana'), await running.person('ben')]
  const conversationId = await running.direct(ana, ben)
  return { ...running, ana, ben, conversationId }
}

test('hello is answered with welcome: who, which epoch, how often to ping, and when the token ends', async () => {
  const { gateway, ben, clock, vault, settle } = await greetedBen()
  const client = new FakeClient(gateway)
  client.send({ type: 'hello', token: tokenOf(ben, clock.now() + hour), client: 'web 1.0' })
  await settle()
  expect(client.socket.frames).toEqual([
    {
      type: 'welcome',
      sessionId: expect.stringMatching(/^s_/),
      userId: ben.userId,
      deviceId: ben.deviceId,
      epoch: await vault.getOrCreate('epoch', () => 'another'),
      serverTime: clock.now(),
      heartbeatMs: limits.heartbeatIntervalMs,
      tokenExpiresAt: clock.now() + hour,
    },
  ])
})

test('what is sent right behind hello waits for the token to be checked, and is then taken in order', async () => {
  const { gateway, ben, conversationId, settle } = await greetedBen()
  const client = new FakeClient(gateway)
  client.send(
    { type: 'hello', token: tokenOf(ben) },
    { type: 'resume', epoch: null, mark: null },
    { type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'צהריים?' },
    { type: 'message', to: conversationId, clientMsgId: 'm-2', after: 'm-1', text: 'falafel 🧆' },
  )
  await settle()
  expect(client.errors).toEqual([])
  expect(client.all('ack').map(({ clientMsgId, seq }) => [clientMsgId, seq])).toEqual([
    ['m-1', 2],
    ['m-2', 3],
  ])
})

test('[T14] more than a little behind an unchecked hello closes the session', async () => {
  const { gateway, ben } = await greetedBen()
  const client = new FakeClient(gateway)
  client.send({ type: 'hello', token: tokenOf(ben) })
  client.connection.receive('x'.repeat(limits.greetingCharsMax - 3))
  for (const text of ['', '']) client.connection.receive(text)
  expect(client.socket.closedWith).toBeNull()
  client.connection.receive('')
  expect(client.socket.closedWith?.code).toBe(closeCodes.OVERLOADED.code)
})

test('[T14] a session that is closed while its token is checked is not let in, and takes no place of its user', async () => {
  const gate = Promise.withResolvers<void>()
  let isGated = false
  const { gateway, person, client, settle } = await runGateway(undefined, (authenticate) => async (token) => {
    const authenticated = await authenticate(token)
    if (isGated) await gate.promise
    return authenticated
  })
  const ben = await person('ben')
  const first = await client(ben)
  first.connection.closed()
  isGated = true
  const clients = Array.from({ length: limits.sessionsPerUserMax }, () => new FakeClient(gateway))
  for (const client of clients) {
    client.send({ type: 'hello', token: tokenOf(ben) })
    client.connection.closed()
  }
  gate.resolve()
  await settle()
  expect(clients.flatMap(({ socket }) => socket.frames)).toEqual([])
  const last = new FakeClient(gateway)
  last.send({ type: 'hello', token: tokenOf(ben) })
  await settle()
  expect(last.all('welcome')).toHaveLength(1)
})

test('[T14] a socket that does not say hello in time is closed', async () => {
  const { gateway, pass } = await greetedBen()
  const client = new FakeClient(gateway)
  await pass(limits.helloDeadlineMs)
  expect(client.socket.closedWith?.code).toBe(closeCodes.HELLO_TIMEOUT.code)
  expect(gateway.sessionCount).toBe(0)
})

test.for([
  ['no valid token', 'nonsense', 'UNAUTHENTICATED'],
  ['an expired token', 'u_ben d_ben 1', 'TOKEN_EXPIRED'],
] as const)('[T5] hello with %s is told why, then closed', async ([, token, code]) => {
  const { gateway, settle } = await greetedBen()
  const client = new FakeClient(gateway)
  client.send({ type: 'hello', token })
  await settle()
  expect(client.errors).toEqual([code])
  expect(client.socket.closedWith?.code).toBe(closeCodes[code].code)
})

test('a session that has not resumed gets acks and no pushes', async () => {
  const { ana, ben, client, conversationId, settle } = await greetedBen()
  const [mute, bens] = [await client(ana, { resume: false }), await client(ben)]
  mute.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'только отправляю' })
  bens.send({ type: 'message', to: conversationId, clientMsgId: 'm-2', text: '好' })
  await settle()
  expect(mute.all('ack')).toHaveLength(1)
  expect(mute.all('entry')).toEqual([])
  mute.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  expect(mute.errors).toEqual(['BAD_REQUEST'])
})

test('[L7] what is pushed while a resume is answered comes behind the answer, once and in order', async () => {
  const gate = Promise.withResolvers<void>()
  const { ana, ben, client, conversationId, settle, hub } = await greetedBen((chat) => ({
    async resume(principal, frame) {
      const answer = await chat.resume(principal, frame)
      if (principal.userId === 'u_ben') await gate.promise
      return answer
    },
  }))
  const bens = await client(ben)
  const anas = await client(ana)
  for (const n of [1, 2, 3]) anas.send({ type: 'message', to: conversationId, clientMsgId: `m-${n}`, text: `étape ${n}` })
  hub.toUser(ben.userId, { type: 'read', conversationId, read: 1, head: 4, unread: 3, mentions: 0 })
  await settle()
  expect(bens.socket.frames.map(({ type }) => type)).toEqual(['welcome'])

  gate.resolve()
  await settle()
  const types = bens.socket.frames.map(({ type }) => type)
  expect(types.slice(0, 2)).toEqual(['welcome', 'resumed'])
  expect(types.filter((type) => type === 'read')).toHaveLength(1)
  expect(bens.all('entry').map(({ entry }) => entry.seq)).toEqual([2, 3, 4])
})

test('[L9] what is held for a resume is bounded like the outbox', async () => {
  const { ben, client, hub, conversationId } = await greetedBen(() => ({ resume: () => new Promise(() => {}) }))
  const bens = await client(ben)
  const entry = { conversationId, kind: 'message', text: 'x'.repeat(limits.textBytesMax) } as Entry
  for (let i = 0; i * limits.textBytesMax <= limits.outboxBytesMax; i++) hub.entries([{ entry, exceptSessionId: null }], [ben.userId])
  expect(bens.socket.closedWith?.code).toBe(closeCodes.SLOW_CONSUMER.code)
  expect(hub.sessionsOf(ben.userId)).toEqual([])

  const bensPhone = await client({ ...ben, deviceId: 'd_phone' })
  const count = Math.ceil(limits.outboxBytesMax / limits.textBytesMax) + 3
  const run = Array.from({ length: count }, (): Announcement => ({ entry, exceptSessionId: null }))
  hub.entries(run as readonly Announcement[] as Run, [ben.userId])
  expect(bensPhone.socket.closedWith?.code).toBe(closeCodes.SLOW_CONSUMER.code)
})

test('a resume that fails can be repeated on the same session; one that succeeded cannot', async () => {
  let failures = 1
  const { ben, client, hub, settle } = await greetedBen((chat) => ({
    resume: (principal, frame) => (failures-- > 0 ? Promise.reject(new GodwitError('OVERLOADED')) : chat.resume(principal, frame)),
  }))
  const bens = await client(ben)
  expect(bens.errors).toEqual(['OVERLOADED'])
  expect(hub.sessionsOf(ben.userId)).toEqual([])
  bens.send({ type: 'resume', epoch: null, mark: null })
  await settle()
  expect(bens.all('resumed')).toHaveLength(1)
  bens.send({ type: 'resume', epoch: null, mark: null })
  await settle()
  expect(bens.errors).toEqual(['OVERLOADED', 'ALREADY_RESUMED'])
})

test('ping is answered with the heads that changed since the mark', async () => {
  const { ben, client, settle } = await greetedBen()
  const bens = await client(ben)
  bens.send({ type: 'ping', mark: bens.all('resumed')[0]?.mark ?? null })
  await settle()
  expect(bens.all('pong')).toMatchObject([{ type: 'pong', mark: expect.any(String) }])
})

test('[T14] a silent socket is closed within the heartbeat timeout, one that pings is not, and a clock that jumps changes nothing', async () => {
  const { ana, ben, client, pass, clock } = await greetedBen()
  const [silent, lively] = [await client(ana), await client(ben)]
  clock.jump(24 * hour)
  await pass(limits.heartbeatIntervalMs)
  expect(silent.socket.closedWith).toBeNull()
  lively.send({ type: 'ping' })
  await pass(limits.heartbeatTimeoutMs - limits.heartbeatIntervalMs)
  expect(silent.socket.closedWith?.code).toBe(closeCodes.HEARTBEAT_MISSED.code)
  expect(lively.socket.closedWith).toBeNull()
})

test('[T3] an expired token is told, and closes the session after the grace unless auth renews it', async () => {
  const { gateway, ana, ben, clock, pass, settle } = await greetedBen()
  const [lazy, careful] = [new FakeClient(gateway), new FakeClient(gateway)]
  lazy.send({ type: 'hello', token: tokenOf(ana, clock.now() + 10_000) })
  careful.send({ type: 'hello', token: tokenOf(ben, clock.now() + 10_000) })
  await settle()
  await pass(15_000)
  expect([lazy.errors, careful.errors]).toEqual([['TOKEN_EXPIRED'], ['TOKEN_EXPIRED']])
  careful.send({ type: 'auth', token: tokenOf(ben, clock.now() + hour) })
  lazy.send({ type: 'ping' })
  await pass(limits.tokenExpiryGraceMs)
  expect(lazy.socket.closedWith?.code).toBe(closeCodes.TOKEN_EXPIRED.code)
  expect([careful.socket.closedWith, careful.errors]).toEqual([null, ['TOKEN_EXPIRED']])
})

test('[T3] a device that is signed out while its hello is checked is not let in', async () => {
  const { person, client, unexpected } = await runGateway(undefined, (authenticate, bus) => async (token) => {
    const authenticated = await authenticate(token)
    // The store has answered that the device stands; the sign-out passes that answer on its way here.
    bus.publish({ type: 'device-revoked', deviceId: authenticated.principal.deviceId })
    return authenticated
  })
  const [ben, cem] = [await person('ben'), await person('cem')]
  const [bens, cems] = [await client(ben), await client(cem)]
  expect([bens, cems].map(({ errors }) => errors)).toEqual([['DEVICE_REVOKED'], ['DEVICE_REVOKED']])
  expect([bens, cems].flatMap((each) => each.all('welcome'))).toEqual([])
  expect([bens, cems].map(({ socket }) => socket.closedWith)).toEqual([closeCodes.DEVICE_REVOKED, closeCodes.DEVICE_REVOKED])
  expect(unexpected).toEqual([])
})

test('[T3] auth takes no token of another user or device, and the session goes on as who it was', async () => {
  const { ana, ben, client, settle } = await greetedBen()
  const bens = await client(ben)
  bens.send({ type: 'auth', token: tokenOf(ana) }, { type: 'auth', token: tokenOf({ ...ben, deviceId: 'd_other' }) })
  await settle()
  expect(bens.errors).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
  expect(bens.socket.closedWith).toBeNull()
})

test('[L5] commands are started in the order received, without waiting for one another', async () => {
  const started: string[] = []
  const { ben, client, conversationId, settle } = await greetedBen(() => ({
    send(_sender, { clientMsgId }) {
      started.push(clientMsgId)
      return new Promise(() => {})
    },
  }))
  const bens = await client(ben)
  const message = (n: number) => ({ type: 'message' as const, to: conversationId, clientMsgId: `m-${n}`, text: `nº ${n}` })
  bens.send(message(1), { type: 'batch', frames: [message(2), message(3)] }, message(4))
  await settle()
  expect(started).toEqual(['m-1', 'm-2', 'm-3', 'm-4'])
})

test('[L9] commands that wait for an answer are bounded: one more is OVERLOADED, and named', async () => {
  const { ben, client, conversationId, clock, settle } = await greetedBen(() => ({ send: () => new Promise(() => {}) }))
  const bens = await client(ben)
  for (let n = 1; n <= limits.commandsPendingPerSessionMax + 1; n++) {
    bens.send({ type: 'message', to: conversationId, clientMsgId: `m-${n}`, text: 'flood' })
    clock.jump(1_000)
  }
  await settle()
  expect(bens.all('error')).toMatchObject([
    { code: 'OVERLOADED', conversationId, clientMsgId: `m-${limits.commandsPendingPerSessionMax + 1}` },
  ])
})

test('[T10] what nobody expected is logged and answered INTERNAL, and the session goes on', async () => {
  const bug = new TypeError('undefined is not a conversation')
  const { ben, client, conversationId, settle, unexpected } = await greetedBen(() => ({ send: () => Promise.reject(bug) }))
  const bens = await client(ben)
  bens.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'ahoj' }, { type: 'ping' })
  await settle()
  expect(bens.all('error')).toMatchObject([{ code: 'INTERNAL', conversationId, clientMsgId: 'm-1' }])
  expect(JSON.stringify(bens.socket.frames)).not.toContain('undefined is not')
  expect(bens.all('pong')).toHaveLength(1)
  expect(unexpected).toEqual([bug])
})

test('[L9] outboxFramesMax in one turn are too many: SLOW_CONSUMER', async () => {
  const { ana, client, hub } = await greetedBen()
  const anas = await client(ana)
  const frame = { type: 'typing', conversationId: 'c_00x', userId: ana.userId, on: true } as const
  for (let i = 0; i < limits.outboxFramesMax; i++) hub.toUser(ana.userId, frame)
  expect(anas.socket.closedWith).toBeNull()
  hub.toUser(ana.userId, frame)
  expect(anas.socket.closedWith).toEqual(closeCodes.SLOW_CONSUMER)
})

test('[L9] a client that does not read is closed for being slow, and others are not', async () => {
  const { ana, ben, client, conversationId, settle } = await greetedBen()
  const [anas, slow] = [await client(ana), await client(ben)]
  slow.socket.stuckBytes = limits.outboxBytesMax
  anas.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'liest du noch?' })
  await settle()
  expect(slow.socket.closedWith).toEqual(closeCodes.SLOW_CONSUMER)
  expect(anas.all('ack')).toHaveLength(1)
})
