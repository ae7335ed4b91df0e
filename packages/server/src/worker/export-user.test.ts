import { expect, test } from 'vitest'
import { openRoom } from '../chat/testing/room.ts'
import { type ExportLine, exportUser } from './export-user.ts'

test('an export holds what one user said and set, in order, and of others no more than whom they talk to', async () => {
  const room = await openRoom()
  const [zoe, bo, chidi] = [await room.person('zoe'), await room.person('bo'), await room.person('chidi')]
  const { accounts, devices } = room.backend
  await accounts.update(zoe.userId, { passwordHash: 'argon2-CANARY' })
  await accounts.setBlock(zoe.userId, chidi.userId, true)
  const state = { revokedAt: null, refreshHash: 'CANARY', previousHashes: ['CANARY'], rotatedAt: 1, expiresAt: 9e15 }
  await devices.add({ deviceId: zoe.deviceId, userId: zoe.userId, name: 'Zoë’s phone 📱', createdAt: 5, lastSeenAt: 7, ...state })

  const direct = await room.direct(zoe, bo)
  await room.say(zoe, direct, { text: '明日の朝 🐦', mentions: [bo.userId] })
  await room.say(bo, direct, 'CANARY of Bo')
  await room.amend(zoe, direct, { type: 'edit', target: 2, text: '明後日の朝' })
  await room.amend(zoe, direct, { type: 'reaction', target: 3, emoji: '👍', on: true })
  await room.say(zoe, direct, 'CANARY that was taken back')
  await room.amend(zoe, direct, { type: 'delete', target: 6 })
  const former = await room.group(bo, [zoe, chidi], 'joined', 'Wad & Watt 🦀')
  await room.say(zoe, former, 'see you all')
  await room.change(bo, former, { change: 'remove', userId: zoe.userId })
  await room.change(bo, former, { change: 'rename', name: 'CANARY without Zoë' })
  await room.rest()

  const lines: ExportLine[] = []
  for await (const line of exportUser(room.backend, zoe.userId)) lines.push(line)
  expect(JSON.stringify(lines)).not.toMatch(/CANARY/)
  expect(lines.slice(0, 3)).toEqual([
    expect.objectContaining({ type: 'user', name: 'zoe', privacy: { readReceipts: true, lastSeen: true } }),
    { type: 'device', deviceId: zoe.deviceId, name: 'Zoë’s phone 📱', createdAt: 5, lastSeenAt: 7 },
    { type: 'block', userId: chidi.userId, name: 'chidi' },
  ])
  const of = (id: string) => lines.filter((line) => 'conversationId' in line && line.conversationId === id)
  const [talk, ...said] = of(direct)
  expect(talk).toMatchObject({ type: 'conversation', kind: 'direct', peer: { userId: bo.userId, name: 'bo' } })
  expect(talk).toMatchObject({ intervals: [{ from: 1, joined: 1, to: null, role: 'member' }], cursor: { read: expect.any(Number) } })
  expect(said).toMatchObject([
    { kind: 'message', seq: 2, text: '明日の朝 🐦', mentions: [bo.userId], deleted: false },
    { kind: 'edit', seq: 4, target: 2, text: '明後日の朝' },
    { kind: 'reaction', seq: 5, target: 3, emoji: '👍', on: true },
    { kind: 'message', seq: 6, text: '', deleted: true },
    { kind: 'delete', seq: 7, target: 6 },
  ])
  expect(of(former)).toMatchObject([
    { name: 'Wad & Watt 🦀', peer: null, intervals: [{ from: 1, to: 3 }] },
    { kind: 'message', seq: 2, text: 'see you all' },
  ])
  expect(lines.at(-1)).toEqual({ type: 'end', entries: 6 })
})
