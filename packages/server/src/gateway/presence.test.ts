import { manualClock } from '@godwit/backend-memory/clock.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Principal } from '../chat/chat.ts'
import { LastSeen } from './last-seen.ts'
import { runGateway } from './testing/running-gateway.ts'

/** Ana and Ben share a conversation; Eve shares none. */
async function scene() {
  const running = await runGateway()
  const [ana, ben, eve] = [await running.person('ana'), await running.person('ben'), await running.person('eve')]
  const conversationId = await running.direct(ana, ben)
  return { ...running, ana, ben, eve, conversationId }
}

const graceMs = limits.presenceGraceMs + limits.presenceIntervalMs

test('[L10] a watch is answered with the presence of now, and changes come to those who watch and to nobody else', async () => {
  const { ana, ben, eve, client, settle, pass } = await scene()
  const [anas, eves, anasPhone] = [await client(ana), await client(eve), await client({ ...ana, deviceId: 'd_phone' })]
  anas.send({ type: 'watch', conversations: [], users: [ben.userId, eve.userId] })
  eves.send({ type: 'watch', conversations: [], users: [ben.userId, ana.userId] })
  await settle()
  expect(anas.all('presence')).toEqual([{ type: 'presence', users: [{ userId: ben.userId, online: false, lastSeen: null }] }])

  const bens = await client(ben)
  await pass(limits.presenceIntervalMs)
  expect(anas.all('presence').at(-1)?.users).toMatchObject([{ userId: ben.userId, online: true }])
  bens.connection.closed()
  await pass(graceMs)
  expect(anas.all('presence').at(-1)?.users).toMatchObject([{ userId: ben.userId, online: false, lastSeen: expect.any(Number) }])
  expect(anas.all('presence')).toHaveLength(3)
  expect([...eves.all('presence'), ...anasPhone.all('presence')]).toEqual([])
})

test('[L10] a reconnect within the grace, and the second of two devices leaving, are not seen', async () => {
  const { ana, ben, client, settle, pass } = await scene()
  const [anas, bens, bensPhone] = [await client(ana), await client(ben), await client({ ...ben, deviceId: 'd_phone' })]
  anas.send({ type: 'watch', conversations: [], users: [ben.userId] })
  await settle()
  bensPhone.connection.closed()
  await pass(graceMs)
  bens.connection.closed()
  await pass(limits.presenceGraceMs - 1_000)
  await client(ben)
  await pass(graceMs)
  expect(anas.all('presence')).toHaveLength(1)
})

test('[L10] an inactive client gets no presence and no typing, and the state of now when it is back', async () => {
  const { ana, ben, client, settle, pass, conversationId } = await scene()
  const anas = await client(ana)
  anas.send({ type: 'watch', conversations: [conversationId], users: [ben.userId] }, { type: 'activity', active: false })
  await settle()
  const bens = await client(ben)
  bens.send({ type: 'typing', conversationId })
  await pass(limits.presenceIntervalMs)
  expect([anas.all('presence').length, anas.all('typing').length]).toEqual([1, 0])
  anas.send({ type: 'activity', active: true })
  await settle()
  expect(anas.all('presence').at(-1)?.users).toMatchObject([{ userId: ben.userId, online: true }])
})

test('last seen is private for who wants it so', async () => {
  const { ana, ben, client, gateway, accounts, pass } = await scene()
  const bens = await client(ben)
  bens.connection.closed()
  await pass(graceMs)
  expect(await gateway.presence.of(ana, [ben.userId])).toMatchObject([{ online: false, lastSeen: expect.any(Number) }])
  await accounts.update(ben.userId, { showLastSeen: false })
  expect(await gateway.presence.of(ana, [ben.userId])).toEqual([{ userId: ben.userId, online: false, lastSeen: null }])
})

test('last seen of all devices is written together, once an interval, and at the end', async () => {
  const { ana, ben, client, clock, devices, sightings, gateway, pass } = await scene()
  for (const { userId, deviceId } of [ana, ben]) {
    const token = { refreshHash: 'x', previousHashes: [], rotatedAt: 0, expiresAt: 0 }
    await devices.add({ ...token, deviceId, userId, name: 'Pixel', createdAt: 0, lastSeenAt: null, revokedAt: null })
  }
  const seenBy = () => sightings.lastSeen([ana.userId, ben.userId])
  const from = clock.now()
  await client(ana)
  expect(await seenBy()).toEqual([null, null])
  await pass(limits.lastSeenWriteIntervalMs)
  // The client has not pinged: it was there until the heartbeat was missed.
  expect(await seenBy()).toEqual([from + limits.heartbeatTimeoutMs, null])
  await client(ben)
  await gateway.drain()
  expect((await seenBy())[1]).toBeGreaterThan(from)
})

test('a device that stays is seen again now and then, by no heartbeat, so that a crash leaves a time that is not far off', async () => {
  const { ana, client, clock, sightings, pass } = await scene()
  const anas = await client(ana)
  const from = clock.now()
  const lastSeen = async () => (await sightings.lastSeen([ana.userId]))[0]
  const stay = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += limits.heartbeatIntervalMs) {
      anas.send({ type: 'ping' })
      await pass(limits.heartbeatIntervalMs)
    }
  }
  await stay(limits.lastSeenWriteIntervalMs)
  expect(await lastSeen()).toBe(from)
  await stay(limits.sightingIntervalMs)
  expect(await lastSeen()).toBeGreaterThanOrEqual(from + limits.sightingIntervalMs)
  expect(anas.socket.closedWith).toBeNull()
})

/** More than two writes of devices, seen by a store that takes those writes that `take` takes. */
async function sightingsOfACrowd(take: (write: number) => Promise<void>) {
  const clock = manualClock()
  const written: number[] = []
  const errors: unknown[] = []
  const seen = async (some: readonly unknown[]) => {
    const write = written.push(some.length)
    await take(write)
  }
  const lastSeen = new LastSeen(clock, { seen }, (error) => errors.push(error))
  for (let n = 0; n < 2 * limits.sightingsAtOnceMax + 1; n++) lastSeen.saw(`u_${n}`, `d_${n}`)
  return { clock, written, errors, lastSeen, turn: () => new Promise((resolve) => setImmediate(resolve)) }
}

test('[L9] sightings are written some at a time; a write that fails is told once, and costs only those in it', async () => {
  const { clock, written, errors, lastSeen, turn } = await sightingsOfACrowd(async (write) => {
    if (write < 3) throw new Error('disk full')
  })
  clock.advance(limits.lastSeenWriteIntervalMs)
  await turn()
  expect(written).toEqual([limits.sightingsAtOnceMax, limits.sightingsAtOnceMax, 1])
  expect(errors).toEqual([new Error('disk full')])
  expect(lastSeen.of('u_0', 7)).toBe(7)
})

test('the end waits for sightings that are being written, and writes what is left in one piece', async () => {
  const gate = Promise.withResolvers<void>()
  const { clock, written, lastSeen, turn } = await sightingsOfACrowd(() => gate.promise)
  clock.advance(limits.lastSeenWriteIntervalMs)
  await turn()
  for (let n = 0; n < 2 * limits.sightingsAtOnceMax; n++) lastSeen.saw(`u_${n}`, `d_${n}`)
  let hasEnded = false
  const end = lastSeen.stop().then(() => {
    hasEnded = true
  })
  await turn()
  expect([written, hasEnded]).toEqual([[limits.sightingsAtOnceMax], false])
  gate.resolve()
  await end
  expect(written).toEqual([limits.sightingsAtOnceMax, limits.sightingsAtOnceMax, 1, 2 * limits.sightingsAtOnceMax])
})

test('[T7] a block ends what both see of each other', async () => {
  const { ana, ben, client, settle, pass, accounts, bus } = await scene()
  const anas = await client(ana)
  anas.send({ type: 'watch', conversations: [], users: [ben.userId] })
  await settle()
  await accounts.setBlock(ben.userId, ana.userId, true)
  bus.publish({ type: 'block-changed', userId: ben.userId, otherId: ana.userId })
  await settle()
  await client(ben)
  await pass(limits.presenceIntervalMs)
  expect(anas.all('presence')).toHaveLength(1)
})

/** Ben's devices watch Ana and Cem; what is visible is answered through `answer`, when Ben watches already. */
async function watching(devices: number, answer: <T>(visible: T) => Promise<T>) {
  let isWatching = false
  const { person, group, client, settle, accounts, bus, gateway, unexpected } = await runGateway((chat) => ({
    async visible(principal, others) {
      const visible = await chat.visible(principal, others)
      return isWatching ? answer(visible) : visible
    },
  }))
  const [ana, ben, cem] = [await person('ana'), await person('ben'), await person('cem')]
  await group(ana, 'Stammtisch 🍻', [ben, cem])
  for (let n = 0; n < devices; n++)
    (await client({ ...ben, deviceId: `d_${n}` })).send({ type: 'watch', conversations: [], users: [ana.userId, cem.userId] })
  await settle()
  isWatching = true
  return {
    ...{ ana, cem, settle, unexpected },
    async block({ userId }: Principal) {
      await accounts.setBlock(userId, ben.userId, true)
      bus.publish({ type: 'block-changed', userId, otherId: ben.userId })
      await settle()
    },
    seen: () => [ana, cem].map(({ userId }) => gateway.presence.watchersOf(userId).size),
  }
}

test('[T7] of two blocks at the same time neither undoes the other', async () => {
  const answers: (() => void)[] = []
  const { ana, cem, block, seen, settle } = await watching(1, async (visible) => {
    await new Promise<void>((resolve) => answers.push(resolve))
    return visible
  })
  await block(cem)
  await block(ana)
  for (let round = 0; round < 5; round++) {
    for (const answer of answers.splice(0)) answer()
    await settle()
  }
  expect(seen()).toEqual([0, 0])
})

test('[T7] a device whose rights cannot be read sees nobody, and the others what they may', async () => {
  let fails = 1
  const { cem, block, seen, unexpected } = await watching(3, async (visible) => {
    if (fails-- > 0) throw new Error('the store is away')
    return visible
  })
  await block(cem)
  expect(seen()).toEqual([2, 0])
  expect(unexpected.map(String)).toEqual(['Error: the store is away'])
})

test('[T7] the end of the only shared conversation ends it too', async () => {
  const { person, group, client, settle, pass, chat, hub } = await runGateway()
  const [ana, cem] = [await person('ana'), await person('cem')]
  const conversationId = await group(ana, 'Kochen 🍲', [cem])
  const cems = await client(cem)
  cems.send({ type: 'watch', conversations: [conversationId], users: [ana.userId] })
  await settle()
  expect(cems.all('presence')).toHaveLength(1)
  await chat.changeGroup({ ...ana, sessionId: null }, conversationId, 'remove-cem', { change: 'remove', userId: cem.userId })
  await settle()
  expect(hub.isWatched(conversationId)).toBe(false)
  await client(ana)
  await pass(limits.presenceIntervalMs)
  expect(cems.all('presence')).toHaveLength(1)
})

test('[L10] nobody watching means nothing asked and nothing sent', async () => {
  let asked = 0
  const { person, client, pass } = await runGateway((chat) => ({
    visible(principal, others: readonly UserId[]) {
      asked++
      return chat.visible(principal, others)
    },
  }))
  const clients = [await client(await person('ana')), await client(await person('ben'))]
  for (const { connection } of clients) connection.closed()
  await pass(graceMs)
  expect(asked).toBe(0)
})
