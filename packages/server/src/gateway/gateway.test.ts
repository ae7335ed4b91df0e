import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { FakeClient } from './testing/fake-socket.ts'
import { runGateway } from './testing/running-gateway.ts'

test('[L4] a message is acked to its sender and pushed to the other and to the own second device, not to the sending session', async () => {
  const { person, client, direct, settle } = await runGateway()
  const [ana, ben] = [await person('ana'), await person('ben')]
  const conversationId = await direct(ana, ben)
  const [laptop, phone, bens] = [await client(ana), await client({ ...ana, deviceId: 'd_phone' }), await client(ben)]

  laptop.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'Fähre um 9? ⛴️ 码头见' })
  await settle()

  expect(laptop.all('ack')).toMatchObject([{ status: 'sent', conversationId, clientMsgId: 'm-1', seq: 2, duplicate: false }])
  expect(laptop.all('entry')).toEqual([])
  for (const other of [phone, bens])
    expect(other.all('entry').map(({ entry }) => entry)).toMatchObject([{ seq: 2, kind: 'message', text: 'Fähre um 9? ⛴️ 码头见' }])
})

test('[T3] a revoked device is closed at once on every session, and only that device', async () => {
  const { person, client, settle, bus } = await runGateway()
  const ana = await person('ana')
  const [one, two, phone] = [await client(ana), await client(ana, { resume: false }), await client({ ...ana, deviceId: 'd_phone' })]
  bus.publish({ type: 'device-revoked', deviceId: ana.deviceId })
  await settle()
  expect([one, two, phone].map(({ socket }) => socket.closedWith?.code)).toEqual([4201, 4201, undefined])
})

test('[T14] sessions of a user and of an address are capped, and a place is free again when one ends', async () => {
  const { gateway, person, client } = await runGateway()
  const ana = await person('ana')
  const first = await client(ana, { resume: false })
  for (let i = 1; i < limits.sessionsPerUserMax; i++) await client(ana, { resume: false })
  const over = await client(ana)
  expect(over.socket.closedWith?.code).toBe(closeCodes.TOO_MANY_SESSIONS.code)
  first.connection.closed()
  expect((await client(ana)).socket.closedWith).toBeNull()

  const strangers = Array.from({ length: limits.sessionsPerAddressMax }, () => new FakeClient(gateway, '198.51.100.7'))
  expect(new FakeClient(gateway, '198.51.100.7').socket.closedWith?.code).toBe(closeCodes.OVERLOADED.code)
  expect(new FakeClient(gateway, '198.51.100.8').socket.closedWith).toBeNull()
  strangers[0]?.connection.closed()
  expect(new FakeClient(gateway, '198.51.100.7').socket.closedWith).toBeNull()
})

test('a drain lets what is under way be acked, refuses what comes after, and closes so that clients reconnect', async () => {
  const stored = Promise.withResolvers<void>()
  const { gateway, person, client, group, settle } = await runGateway((chat) => ({
    async send(sender, frame) {
      await stored.promise
      return chat.send(sender, frame)
    },
  }))
  const ana = await person('ana')
  const conversationId = await group(ana, 'Nachtschicht', [])
  const anas = await client(ana)
  anas.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'noch schnell' })
  const drained = gateway.drain()
  anas.send({ type: 'message', to: conversationId, clientMsgId: 'm-2', text: 'zu spät' })
  await settle()
  expect(anas.all('error')).toMatchObject([{ code: 'DRAINING', clientMsgId: 'm-2' }])
  expect(new FakeClient(gateway).socket.closedWith?.code).toBe(closeCodes.DRAINING.code)
  expect(anas.socket.closedWith).toBeNull()
  stored.resolve()
  await drained
  expect(anas.all('ack')).toMatchObject([{ clientMsgId: 'm-1' }])
  expect(anas.socket.closedWith).toEqual(closeCodes.DRAINING)
})

test('a drain does not wait for ever', async () => {
  const { gateway, person, client, clock, settle } = await runGateway(() => ({ send: () => new Promise(() => {}) }))
  const anas = await client(await person('ana'))
  anas.send({ type: 'message', to: 'c_00x', clientMsgId: 'm-1', text: '…' })
  const drained = gateway.drain()
  await settle()
  clock.advance(limits.drainMs)
  await drained
  expect(anas.socket.closedWith?.code).toBe(closeCodes.DRAINING.code)
})
