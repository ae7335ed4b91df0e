import { join } from 'node:path'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWriter } from './database.ts'
import { inboxReads } from './inbox.ts'
import { migrate } from './migrate.ts'
import { Names } from './names.ts'
import { openTemporary, temporaryFolder } from './testing/temporary.ts'

let opened: Awaited<ReturnType<typeof openTemporary>>
beforeAll(async () => {
  opened = await openTemporary()
})
afterAll(() => opened.close())

const members: readonly [UserId, UserId] = ['u_ana', 'u_бор']
const quay: ConversationId = 'c_00quay'

test('[L7] nothing is let through that has not changed, and no group because others read in it', async () => {
  const { messageLog, conversations, cursors, inbox } = opened.backend
  const message = { messageId: '7123456789012345678', senderId: members[0], clientMsgId: 'note', bodyHash: 'c0ffee' }
  await messageLog.append(quay, 0, [{ ...message, at: 1_000, content: { kind: 'message', text: 'Flut um sechs 🌊' } }])
  await conversations.project(0, {
    conversationId: quay,
    kind: 'group',
    name: 'Am Kai',
    createdBy: members[0],
    history: 'joined',
    applied: 1,
    changedAt: 1_000,
    intervals: members.map((userId) => ({ userId, from: 1, joined: 1, to: null, role: 'member' })),
  })
  await cursors.advance([{ conversationId: quay, userId: members[1], deviceId: null, read: 1, at: 2_000 }])
  const changedSince = (userId: UserId, at: number) => inbox.changedSince(userId, 'd_phone', at)
  expect(await changedSince(members[0], 1_000)).toHaveLength(1)
  expect(await changedSince(members[0], 1_001)).toEqual([])
  expect(await changedSince(members[1], 1_001)).toHaveLength(1)
  expect(await changedSince(members[1], 2_001)).toEqual([])
})

test('[R14] [L4] a list stands as the log does: whatever was acked since it was asked for last, be it much or little', async () => {
  const { messageLog, conversations, inbox } = opened.backend
  const reader: UserId = 'u_たけし'
  const heads = new Map<ConversationId, number>()
  let at = 10_000
  async function append(conversationId: ConversationId, count: number) {
    const head = heads.get(conversationId) ?? 0
    const entries = Array.from({ length: count }, (_, n): NewEntry => {
      const ids = { messageId: `${at}`, senderId: reader, clientMsgId: `n-${head + n}`, bodyHash: 'c0ffee' }
      return { ...ids, at: at++, content: { kind: 'message', text: 'Ebbe 🦀' } }
    })
    expect(await messageLog.append(conversationId, head, entries)).toMatchObject({ verdict: 'appended' })
    heads.set(conversationId, head + count)
  }
  const order = async () => (await inbox.newest(reader, null, 9)).map(({ place }) => [place.conversationId, place.lastAt])
  const rooms: ConversationId[] = ['c_00ebb', 'c_00flood', 'c_00slack']
  for (const conversationId of rooms) {
    await append(conversationId, 1)
    const interval = { userId: reader, from: 1, joined: 1, to: null, role: 'member' } as const
    const state = { conversationId, kind: 'group', name: null, createdBy: reader, history: 'joined', applied: 1, changedAt: 1 } as const
    await conversations.project(0, { ...state, intervals: [interval] })
  }
  const [ebb, flood, slack] = rooms as [ConversationId, ConversationId, ConversationId]
  expect((await order()).map(([id]) => id)).toEqual([slack, flood, ebb])
  await append(ebb, 1)
  expect(await order()).toEqual([
    [ebb, at - 1],
    [slack, at - 2],
    [flood, at - 3],
  ])
  const others = at
  await append(flood, 1)
  for (let entries = 0; entries <= limits.storeLastTimesBehindMax; entries += limits.appendEntriesMax)
    await append('c_00mud', limits.appendEntriesMax)
  expect(await order()).toEqual([
    [flood, others],
    [ebb, others - 1],
    [slack, others - 2],
  ])
})

test('[L9] what changed for a member of large groups costs as much as in small ones: nobody else’s cursor is read', async () => {
  const { folder, remove } = temporaryFolder()
  const file = join(folder, 'godwit.db')
  using db = openWriter(file)
  migrate(db)
  const insert = {
    name: db.prepare('INSERT INTO names (id, name) VALUES (?, ?)'),
    conversation: db.prepare("INSERT INTO conversations VALUES (?, 'group', 'Ringing group', 1, 'joined', 1, 1000, ?)"),
    interval: db.prepare("INSERT INTO intervals VALUES (?, ?, 1, 1, NULL, 'member')"),
    cursor: db.prepare('INSERT INTO cursors VALUES (?, ?, 1, 1, 1, 1000)'),
  }
  /** Users 1 to `size` in 20 groups. */
  function makeGroups(size: number, first: number): void {
    for (let group = first; group < first + 20; group++) {
      insert.conversation.run(group, size)
      for (let user = first; user < first + size; user++) {
        insert.interval.run(group, user)
        insert.cursor.run(group, user)
      }
    }
  }
  db.exec('BEGIN')
  for (const [user, name] of [
    [1, 'u_small'],
    [10_000, 'u_large'],
  ] as const)
    insert.name.run(user, name)
  makeGroups(2, 1)
  makeGroups(1_000, 10_000)
  db.exec('COMMIT')
  const reads = inboxReads(db, new Names(db))
  const msOf = (userId: UserId) => {
    const took = Array.from({ length: 20 }, () => {
      const begun = performance.now()
      expect(reads.changedSince(userId, 'd_phone', 5_000)).toEqual([])
      return performance.now() - begun
    })
    return Math.min(...took)
  }
  expect(msOf('u_large')).toBeLessThan(8 * msOf('u_small'))
  remove()
})
