import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { openRoom, turnOfTheLoop } from './testing/room.ts'

test('[L3] a direct conversation that both begin at once, and again, is one', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const other = await room.openNode()
  const answers = await room.done(
    Promise.all([room.chat.openDirect(ana, bo.userId), other.chat.openDirect(bo, ana.userId), room.chat.openDirect(ana, bo.userId)]),
  )
  expect(new Set(answers.map(({ conversation }) => conversation.conversationId)).size).toBe(1)
  expect(answers[0]?.conversation).toMatchObject({ kind: 'direct', peerId: bo.userId, head: 1 })
  await expect(room.done(room.chat.openDirect(ana, ana.userId))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(room.done(room.chat.openDirect(ana, 'u_nobody'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('[L3] a group that is created again with its id is the same, also when a member has blocked its creator since', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const group = { clientMsgId: 'new-1', name: 'Wad & Watt 🦀', members: [bo.userId], history: 'joined' } as const
  const first = await room.done(room.chat.createGroup(ana, group))
  const to = first.conversation.conversationId
  const add = { change: 'add', members: [bo.userId] } as const
  await room.change(ana, to, { change: 'remove', userId: bo.userId })
  const added = await room.done(room.chat.changeGroup(ana, to, 'add-1', add))

  await room.backend.accounts.setBlock(bo.userId, ana.userId, true)
  const { chat } = await room.openNode()
  expect((await room.done(chat.createGroup(ana, group))).conversation.conversationId).toBe(to)
  expect(await room.done(chat.changeGroup(ana, to, 'add-1', add))).toEqual({ ...added, duplicate: true })
  await expect(room.done(chat.createGroup(ana, { ...group, name: 'anders' }))).rejects.toMatchObject({ code: 'ID_REUSED' })
  await expect(room.done(chat.createGroup(ana, { ...group, clientMsgId: 'new-2' }))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(room.done(chat.changeGroup(ana, to, 'add-2', add))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect(room.log(to)).toHaveLength(3)
})

test('[L11] who is drawn in exists, and has not blocked the one who does it', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [])
  await room.backend.accounts.setBlock(ana.userId, bo.userId, true)
  const { chat } = await room.openNode()
  const refusals = await Promise.allSettled(
    [bo.userId, 'u_nobody' as const].map((userId) => room.change(ana, to, { change: 'add', members: [userId] }, chat)),
  )
  for (const refusal of refusals) expect(refusal).toMatchObject({ reason: { code: 'FORBIDDEN', detail: 'no such user' } })
})

test('[L11] blocked, nothing is said in a direct conversation, and what was said stays', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const ack = await room.say(ana, to, 'Noch nicht blockiert')
  await room.backend.accounts.setBlock(bo.userId, ana.userId, true)
  room.backend.bus.publish({ type: 'block-changed', userId: bo.userId, otherId: ana.userId })
  await turnOfTheLoop()
  for (const who of [ana, bo]) await expect(room.say(who, to, 'Hallo?')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const retry = { type: 'message', to, clientMsgId: ack.clientMsgId, text: 'Noch nicht blockiert' } as const
  expect(await room.done(room.chat.send(ana, retry)), 'a retry is acked all the same').toEqual({ ...ack, duplicate: true })
  expect((await room.done(room.chat.page(bo, to, {}))).entries).toHaveLength(2)
})

test('[R4] whoever is a member already is not added again', async () => {
  const room = await openRoom()
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [bo])
  await room.change(ana, to, { change: 'add', members: [bo.userId, chidi.userId, chidi.userId] })
  expect(room.log(to)[1]).toMatchObject({ kind: 'added', members: [{ userId: chidi.userId, role: 'member' }] })
  await expect(room.change(ana, to, { change: 'add', members: [bo.userId] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  const { members } = await room.done(room.chat.members(bo, to))
  expect(members.map(({ userId, role }) => [userId, role])).toEqual([
    ['u_ana', 'owner'],
    ['u_bo', 'member'],
    ['u_chidi', 'member'],
  ])
})

test('[L9] a group has a size', async () => {
  const room = await openRoom()
  const ana = await room.person('ana')
  const members = Array.from({ length: limits.groupMembersMax }, (_, i) => `u_guest-${i}` as const)
  const group = { clientMsgId: 'all', name: 'Alle', members, history: 'joined' } as const
  await expect(room.done(room.chat.createGroup(ana, group))).rejects.toMatchObject({ code: 'GROUP_FULL' })
})

test('[R4] members change while people talk, each at their place in the log', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo])
  const [, , after] = await room.done(
    Promise.allSettled([
      room.say(bo, to, 'vorher'),
      room.change(ana, to, { change: 'remove', userId: bo.userId }),
      room.say(bo, to, 'nachher'),
    ]),
  )
  expect(after).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } })
  expect(room.log(to).map(({ kind }) => kind)).toEqual(['created', 'message', 'removed'])
})

test('[L10] typing and watching are for members of now, presence for who shares a conversation and is not blocked', async () => {
  const room = await openRoom()
  const [ana, bo, chidi, dina] = [await room.person('ana'), await room.person('bo'), await room.person('chidi'), await room.person('dina')]
  const to = await room.group(ana, [bo, chidi])
  expect(await room.done(room.chat.currentMembers(bo, to))).toEqual(new Set([ana.userId, bo.userId, chidi.userId]))
  await room.backend.accounts.setBlock(chidi.userId, ana.userId, true)
  const { chat } = await room.openNode()
  expect(await room.done(chat.visible(ana, [bo.userId, chidi.userId, dina.userId]))).toEqual([bo.userId])
  await room.change(ana, to, { change: 'remove', userId: bo.userId })
  for (const who of [bo, dina]) {
    await expect(room.done(room.chat.currentMembers(who, to))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(room.done(room.chat.receiptsNow(who, to))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  }
})

test('[L2] when blocks cannot be read, a message is not judged, and a retry is', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.say(ana, to, 'Kommst du morgen mit raus ins Watt?')
  const { blocksOf } = room.backend.accounts
  Object.assign(room.backend.accounts, { blocksOf: () => Promise.reject(new Error('no route to the store')) })
  // Those of before are known until then.
  room.clock.advance(limits.peopleStaleMs)
  await expect(room.say(ana, to, 'Niedrigwasser ist um 6:40')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  // A promise that nobody waits for would end the process now.
  await turnOfTheLoop()
  Object.assign(room.backend.accounts, { blocksOf })
  await room.say(ana, to, 'Niedrigwasser ist um 6:40')
  expect(room.log(to)).toHaveLength(3)
})
