import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTemporary } from './testing/temporary.ts'

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
