import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { runGateway } from './testing/running-gateway.ts'

async function scene() {
  const running = await runGateway()
  const [ana, ben, cem] = [await running.person('ana'), await running.person('ben'), await running.person('cem')]
  const conversationId = await running.group(ana, 'Wanderung 🥾', [ben, cem])
  return { ...running, ana, ben, cem, conversationId }
}

test('a watch of a group is answered with its receipts', async () => {
  const { ana, client, conversationId, settle } = await scene()
  const anas = await client(ana)
  anas.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  expect(anas.all('receipts')).toMatchObject([{ conversationId, members: 3 }])
})

test('a conversation that may not be watched is refused by name, and the others are watched', async () => {
  const { ana, client, conversationId, settle, hub } = await scene()
  const anas = await client(ana)
  anas.send({ type: 'watch', conversations: ['c_00nowhere', conversationId] })
  await settle()
  expect(anas.all('error')).toMatchObject([{ code: 'FORBIDDEN', conversationId: 'c_00nowhere' }])
  expect(hub.isWatched(conversationId)).toBe(true)
})

test('of two watches the later one counts, also when the earlier is checked last', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = { id: '' }
  const { person, group, client, settle, hub } = await runGateway((chat) => ({
    async currentMembers(principal, conversationId) {
      if (conversationId === slow.id) await gate.promise
      return chat.currentMembers(principal, conversationId)
    },
  }))
  const ana = await person('ana')
  const [first, second] = [await group(ana, 'Alt', []), await group(ana, 'Jetzt!', [])]
  slow.id = first
  const anas = await client(ana)
  anas.send({ type: 'watch', conversations: [first] }, { type: 'watch', conversations: [second] })
  await settle()
  gate.resolve()
  await settle()
  expect([hub.isWatched(first), hub.isWatched(second)]).toEqual([false, true])
})

test('[L10] typing reaches those who look at the conversation, not oneself, and not again within the interval', async () => {
  const { ana, ben, cem, client, conversationId, settle, pass } = await scene()
  const [anas, bens, cems] = [await client(ana), await client(ben), await client(cem)]
  for (const each of [anas, bens]) each.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  const typing = { type: 'typing' as const, conversationId }
  anas.send(typing, typing, typing)
  await settle()
  await pass(limits.typingIntervalMs)
  anas.send(typing, { ...typing, on: false })
  await settle()
  expect(bens.all('typing').map(({ userId, on }) => [userId, on])).toEqual([
    [ana.userId, true],
    [ana.userId, true],
    [ana.userId, false],
  ])
  expect([...anas.all('typing'), ...cems.all('typing')]).toEqual([])
})

test('[T7] in a pair, who is blocked sees no typing', async () => {
  const { ana, ben, client, direct, settle, accounts, bus } = await scene()
  const conversationId = await direct(ana, ben)
  const [anas, bens] = [await client(ana), await client(ben)]
  bens.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  await accounts.setBlock(ana.userId, ben.userId, true)
  bus.publish({ type: 'block-changed', userId: ana.userId, otherId: ben.userId })
  await settle()
  anas.send({ type: 'typing', conversationId })
  await settle()
  expect(bens.all('typing')).toEqual([])
})

/** Ben, of Ana's group, has asked to watch it and her: the one is checked at once, the other when `open` is called. */
async function whileChecked(atOnce: 'group' | 'ana') {
  const gate = Promise.withResolvers<void>()
  const running = await runGateway((chat) => ({
    async currentMembers(principal, conversationId) {
      if (atOnce === 'ana') await gate.promise
      return chat.currentMembers(principal, conversationId)
    },
    async visible(principal, others) {
      if (atOnce === 'group') await gate.promise
      return chat.visible(principal, others)
    },
  }))
  const [ana, ben] = [await running.person('ana'), await running.person('ben')]
  const conversationId = await running.group(ana, 'Kassenprüfung 🧾', [ben])
  const [anas, bens] = [await running.client(ana), await running.client(ben)]
  bens.send({ type: 'watch', conversations: [conversationId], users: [ana.userId] })
  await running.settle()
  return { ...running, ana, ben, anas, bens, conversationId, open: gate.resolve }
}

test('[T7] who is removed while a watch is checked hears nothing from there', async () => {
  const { ana, ben, anas, bens, chat, conversationId, hub, open, settle } = await whileChecked('group')
  await chat.changeGroup({ ...ana, sessionId: null }, conversationId, 'out-1', { change: 'remove', userId: ben.userId })
  await settle()
  expect(bens.all('entry').map(({ entry }) => entry.kind)).toContain('removed')
  open()
  await settle()
  anas.send({ type: 'typing', conversationId })
  await settle()
  expect(hub.isWatched(conversationId)).toBe(false)
  expect(bens.all('typing')).toEqual([])
  expect(bens.all('error')).toMatchObject([{ code: 'FORBIDDEN', conversationId }])
})

test('[T7] a watch that was begun before a resume that failed counts no more', async () => {
  const [gate, resumed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let resumes = 0
  const { person, group, client, chat, hub, settle } = await runGateway((real) => ({
    async visible(principal, others) {
      await gate.promise
      return real.visible(principal, others)
    },
    async resume(principal, frame) {
      if (resumes++ > 0) return real.resume(principal, frame)
      await resumed.promise
      throw new GodwitError('OVERLOADED')
    },
  }))
  const [ana, ben] = [await person('ana'), await person('ben')]
  const conversationId = await group(ana, 'Kassenprüfung 🧾', [ben])
  const bens = await client(ben)
  bens.send({ type: 'watch', conversations: [conversationId], users: [ana.userId] })
  await settle()
  resumed.resolve()
  await settle()
  await chat.changeGroup({ ...ana, sessionId: null }, conversationId, 'out-1', { change: 'remove', userId: ben.userId })
  await settle()
  bens.send({ type: 'resume', epoch: null, mark: null })
  await settle()
  gate.resolve()
  await settle()
  expect(bens.errors).toEqual(['OVERLOADED'])
  expect(hub.isWatched(conversationId)).toBe(false)
})

test('[T7] who is removed twice while a watch is checked, and let in again, watches as a member does', async () => {
  const { ana, ben, bens, chat, conversationId, hub, open, settle } = await whileChecked('group')
  const sender = { ...ana, sessionId: null }
  for (const [n, change] of (['remove', 'add', 'remove', 'add'] as const).entries()) {
    const who = change === 'add' ? { change, members: [ben.userId] } : { change, userId: ben.userId }
    await chat.changeGroup(sender, conversationId, `change-${n}`, who)
    await settle()
  }
  open()
  await settle()
  expect(hub.isWatched(conversationId)).toBe(true)
  expect(bens.errors).toEqual([])
})

test('[T7] who is blocked while a watch is checked sees no presence', async () => {
  const { ana, ben, accounts, bus, gateway, open, settle } = await whileChecked('ana')
  await accounts.setBlock(ana.userId, ben.userId, true)
  bus.publish({ type: 'block-changed', userId: ana.userId, otherId: ben.userId })
  await settle()
  open()
  await settle()
  expect([...gateway.presence.watchersOf(ana.userId)]).toEqual([])
})

test('a muted conversation that nobody watches comes as one row of the list an interval, with all its heads in it', async () => {
  const { ana, ben, client, chat, conversationId, settle, pass } = await scene()
  const [anas, bens, bensPhone] = [await client(ana), await client(ben), await client({ ...ben, deviceId: 'd_phone' })]
  await chat.setFlags(ben, conversationId, { muted: true })
  await settle()
  const told = bens.all('conversations').length
  for (const n of [1, 2, 3]) anas.send({ type: 'message', to: conversationId, clientMsgId: `m-${n}`, text: `Foto ${n} 📷` })
  await settle()
  expect([bens.all('entry').length, bensPhone.all('entry').length]).toEqual([0, 0])
  await pass(limits.quietHeadsIntervalMs)
  for (const each of [bens, bensPhone]) {
    const rows = each
      .all('conversations')
      .slice(told)
      .flatMap(({ conversations }) => conversations)
    expect(rows).toMatchObject([{ conversationId, head: 4, unread: 3 }])
  }
})
