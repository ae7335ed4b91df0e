import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Principal } from '../chat/chat.ts'
import type { FakeClient } from './testing/fake-socket.ts'
import { runGateway } from './testing/running-gateway.ts'

async function scene() {
  const running = await runGateway()
  const { accounts, bus, person, group, pass } = running
  const [ana, ben, cem] = [await person('ana'), await person('ben'), await person('cem')]
  const conversationId = await group(ana, 'Ruderinnen 🚣', [ben])
  return {
    ...running,
    ana,
    ben,
    cem,
    conversationId,
    async rename({ userId }: Principal, displayName: string) {
      await accounts.update(userId, { displayName })
      bus.publish({ type: 'profile-changed', userId })
    },
    interval: () => pass(limits.profileIntervalMs),
  }
}

const named = (client: FakeClient) =>
  client
    .all('conversations')
    .filter((frame: DownFrameOf<'conversations'>) => frame.conversations.length === 0)
    .map(({ users }) => users.map(({ displayName }) => displayName))

test('[L10] a new name reaches who watches the person, who looks at a shared conversation, and the person; nobody else', async () => {
  const { ana, ben, cem, client, conversationId, settle, direct, rename, interval } = await scene()
  await direct(ana, cem)
  const [anas, phone, bens, cems, idle] = [
    await client(ana),
    await client({ ...ana, deviceId: 'd_phone' }),
    await client(ben),
    await client(cem),
    await client({ ...ben, deviceId: 'd_tablet' }),
  ]
  bens.send({ type: 'watch', conversations: [conversationId] })
  cems.send({ type: 'watch', conversations: [], users: [ana.userId] })
  await settle()
  await rename(ana, 'Ana Lúcia')
  await interval()
  expect([anas, phone, bens, cems].map(named)).toEqual(Array(4).fill([['Ana Lúcia']]))
  expect(named(idle)).toEqual([])
  expect(cems.all('conversations').at(-1)?.users).toEqual([{ userId: ana.userId, name: 'ana', displayName: 'Ana Lúcia' }])
})

test('[L10] several changes within the interval are told once, with the last', async () => {
  const { ana, client, rename, interval } = await scene()
  const anas = await client(ana)
  for (const name of ['A', 'An', 'Ana']) await rename(ana, name)
  await interval()
  await interval()
  expect(named(anas)).toEqual([['Ana']])
})

test('[T7] a member who was removed is told of no one there any more, nor is anyone told of them', async () => {
  const { ana, ben, client, chat, conversationId, settle, rename, interval } = await scene()
  const [anas, bens] = [await client(ana), await client(ben)]
  for (const each of [anas, bens]) each.send({ type: 'watch', conversations: [conversationId] })
  await settle()
  await chat.changeGroup({ ...ana, sessionId: null }, conversationId, 'out', { change: 'remove', userId: ben.userId })
  await settle()
  await rename(ana, 'Ana Lúcia')
  await rename(ben, 'Benedikt')
  await interval()
  expect([named(anas), named(bens)]).toEqual([[['Ana Lúcia']], [['Benedikt']]])
})

test('a name that was read before it changed is not kept', async () => {
  const { ana, ben, chat, accounts, conversationId, rename } = await scene()
  const { byIds } = accounts
  const read = Promise.withResolvers<void>()
  accounts.byIds = async (ids) => {
    const found = await byIds(ids)
    await read.promise
    return found
  }
  const early = chat.members(ben, conversationId)
  accounts.byIds = byIds
  await rename(ana, 'Ana Lúcia')
  read.resolve()
  await early
  const { members } = await chat.members(ben, conversationId)
  expect(members.map(({ displayName }) => displayName)).toEqual(['Ana Lúcia', 'ben'])
})
