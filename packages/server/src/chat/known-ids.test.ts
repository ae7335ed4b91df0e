import type { ClientMsgId, MessageId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { StoredId } from '../ports/message-log.ts'
import { KnownIds } from './known-ids.ts'

const [ana, bo]: readonly [UserId, UserId] = ['u_ana', 'u_бор']

const stored = (senderId: UserId, clientMsgId: ClientMsgId, seq: number): StoredId => ({
  senderId,
  clientMsgId,
  seq,
  messageId: `${7_123_456_789_012_345_000n + BigInt(seq)}` as MessageId,
  at: 1_000 + seq,
  bodyHash: 'c0ffee',
})

test('[L3] the id of one sender is never that of another who has chosen the same, found or appended', () => {
  const ids = new KnownIds()
  ids.learn(stored(ana, 'tide-1', 1))
  expect(ids.storedAs(ana, 'tide-1')?.seq).toBe(1)
  expect([ids.storedAs(bo, 'tide-1'), ids.stands(bo, 'tide-1')]).toEqual([undefined, false])
  ids.learn(stored(bo, 'tide-1', 2))
  expect([ids.storedAs(ana, 'tide-1')?.seq, ids.storedAs(bo, 'tide-1')?.seq]).toEqual([1, 2])
  ids.appended(ana, 'ebb')
  expect([ids.stands(ana, 'ebb'), ids.stands(bo, 'ebb')]).toEqual([true, false])
})

test('[L5] the last id of each sender is known to stand there, whatever others append; what was found, until it is forgotten', () => {
  const ids = new KnownIds()
  ids.appended(ana, 'tide-1')
  ids.appended(bo, 'flood-1')
  ids.appended(bo, 'flood-2')
  expect([ids.stands(ana, 'tide-1'), ids.stands(bo, 'flood-1'), ids.stands(bo, 'flood-2')]).toEqual([true, false, true])
  ids.learn(stored(bo, 'flood-1', 2))
  expect(ids.stands(bo, 'flood-1')).toBe(true)
  ids.forgetFound()
  expect([ids.stands(bo, 'flood-1'), ids.storedAs(bo, 'flood-1'), ids.stands(bo, 'flood-2')]).toEqual([false, undefined, true])
})

test('[L9] no more senders are remembered than their limit', () => {
  const ids = new KnownIds()
  const senders = Array.from({ length: 3 * limits.appenderSendersMax }, (_, n): UserId => `u_gull${n}`)
  for (const sender of senders) ids.appended(sender, 'slack')
  const known = senders.filter((sender) => ids.stands(sender, 'slack'))
  expect(known.length).toBeLessThanOrEqual(limits.appenderSendersMax)
  expect(known).toEqual(senders.slice(-known.length))
})
