import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Sender } from './chat.ts'
import { openRoom, type Room } from './testing/room.ts'

const list = (room: Room, who: Sender, query: { cursor?: string; limit?: number } = {}) => room.done(room.chat.list(who, query))
const names = (rows: readonly { readonly name: string | null }[]) => rows.map(({ name }) => name)

test('[R14] pinned first, then by last activity, in pages of any size', async () => {
  const room = await openRoom()
  const ana = await room.person('ana')
  const ids = new Map<string, ConversationId>()
  for (const name of ['Deich', 'Watt', 'Hafen', 'Düne', '潮の会']) {
    ids.set(name, await room.group(ana, [], 'joined', name))
    room.clock.advance(1_000)
  }
  await room.say(ana, ids.get('Watt') as ConversationId, 'Ebbe!')
  await room.done(room.chat.setFlags(ana, ids.get('Hafen') as ConversationId, { pinned: true }))
  const order = ['Hafen', 'Watt', '潮の会', 'Düne', 'Deich']
  expect(names((await list(room, ana)).conversations)).toEqual(order)
  for (const limit of [1, 2, 3]) {
    const paged: (string | null)[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Awaited<ReturnType<typeof list>> = await list(room, ana, { limit, ...(cursor ? { cursor } : {}) })
      paged.push(...names(page.conversations))
      cursor = page.cursor
    }
    expect(paged).toEqual(order)
  }
})

test('[R14] a row has what the list shows: names, unread, ticks, preview; and who is named in it', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.say(ana, to, 'Die Vögel sind da! 🐦🐦🐦')
  const { seq: last } = await room.say(ana, to, 'ups')
  await room.amend(ana, to, { type: 'delete', target: last })
  await room.done(room.chat.advance(bo, to, 1, 'delivered'))
  const { conversations, users } = await list(room, bo)
  expect(conversations).toMatchObject([
    {
      conversationId: to,
      kind: 'direct',
      name: null,
      peerId: ana.userId,
      role: 'member',
      memberCount: 2,
      first: 1,
      head: 4,
      count: 2,
      unread: 1,
    },
  ])
  expect(conversations[0]?.preview).toMatchObject({ seq: 2, text: 'Die Vögel sind da! 🐦🐦🐦' })
  expect(users.map(({ userId }) => userId)).toEqual([ana.userId])
  expect((await list(room, ana)).conversations[0]).toMatchObject({ unread: 0, peer: { delivered: 1, read: 0 } })
})

test('[L9] a preview is short, and does not end in half a character', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const { seq: target } = await room.say(ana, to, `${'x'.repeat(limits.previewCharsMax - 1)}👩🏽‍🔬 und mehr`)
  await room.amend(bo, to, { type: 'reaction', target, emoji: '🎉', on: true })
  const preview = (await list(room, bo)).conversations[0]?.preview
  expect(preview).toMatchObject({ text: 'x'.repeat(limits.previewCharsMax - 1) })
  expect(preview).not.toHaveProperty('reactions')
})

test('[L6] the row of a former member stands still: no name, size, count, time or word of later', async () => {
  const room = await openRoom()
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [bo], 'joined', 'Wad & Watt 🦀')
  await room.say(ana, to, 'Der Schlüssel liegt unter der Matte')
  await room.change(ana, to, { change: 'remove', userId: bo.userId }) // 3
  const before = (await list(room, bo)).conversations[0]
  expect(before).toMatchObject({ role: null, name: 'Wad & Watt 🦀', memberCount: 1, head: 3, count: 1 })
  room.clock.advance(60_000)
  await room.amend(ana, to, { type: 'edit', target: 2, text: 'Nun liegt er anderswo' })
  await room.change(ana, to, { change: 'rename', name: 'Ohne Bo' })
  await room.change(ana, to, { change: 'add', members: [chidi.userId] })
  await room.change(ana, to, { change: 'history', history: 'all' })
  await room.say(ana, to, 'Endlich unter uns')
  expect((await list(room, bo)).conversations[0]).toEqual(before)
  expect((await room.done(room.chat.conversation(bo, to))).conversation).toMatchObject({
    ...before,
    entries: [{ seq: 1 }, { seq: 2 }, { seq: 3 }],
  })
  expect((await list(room, bo)).users.map(({ userId }) => userId)).toEqual([ana.userId])
  await expect(room.done(room.chat.members(bo, to))).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('[L1][L6] a projection that lags shows nobody what they are not entitled to any more', async () => {
  let isDown = false
  const room = await openRoom({
    conversations: (inner) => ({ ...inner, project: (...args) => (isDown ? Promise.reject(new Error('down')) : inner.project(...args)) }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo])
  isDown = true
  await room.change(ana, to, { change: 'remove', userId: bo.userId }) // 2
  await room.say(ana, to, 'Endlich unter uns') // 3
  const { conversations } = await list(room, bo)
  expect(conversations).toMatchObject([{ role: null, head: 2, unread: 0, preview: null }])
  expect(JSON.stringify(await room.done(room.chat.resume(bo, { type: 'resume', epoch: null, mark: null })))).not.toContain('Endlich')
  expect(await room.done(room.chat.changes(bo, '0'))).toMatchObject({ conversations: [{ conversationId: to, head: 2 }] })
})

test("[R14] flags are one user's own, and their devices are told", async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.done(room.chat.setFlags(ana, to, { muted: true }))
  await room.done(room.chat.setFlags(ana, to, { archived: true }))
  expect((await list(room, ana)).conversations[0]?.flags).toEqual({ muted: true, archived: true, pinned: false })
  expect((await list(room, bo)).conversations[0]?.flags).toEqual({ muted: false, archived: false, pinned: false })
  expect(room.pushed.toUsers).toMatchObject([{ userId: ana.userId }, { userId: ana.userId, frame: { type: 'conversations' } }])
  expect(await room.done(room.chat.quietConversations(ana))).toEqual(new Set([to]))
  const dina = await room.person('dina')
  await expect(room.done(room.chat.setFlags(dina, to, { muted: true }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
