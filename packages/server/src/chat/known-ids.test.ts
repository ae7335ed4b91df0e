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

test('[L3] the id of one sender is never that of another who has chosen the same, before or after either was forgotten', () => {
  const ids = new KnownIds()
  ids.add(stored(ana, 'tide-1', 1), 1_000)
  expect(ids.get(ana, 'tide-1')?.seq).toBe(1)
  expect(ids.get(bo, 'tide-1')).toBeUndefined()
  ids.add(stored(bo, 'tide-1', 2), 1_001)
  expect([ids.get(ana, 'tide-1')?.seq, ids.get(bo, 'tide-1')?.seq]).toEqual([1, 2])
  ids.add(stored(ana, 'tide-2', 3), 1_001 + 2 * limits.appenderIdsKeptMs)
  ids.add(stored(ana, 'tide-1', 4), 1_002 + 2 * limits.appenderIdsKeptMs)
  expect([ids.get(ana, 'tide-1')?.seq, ids.get(bo, 'tide-1')?.seq]).toEqual([4, 2])
})

test('[L9] no more ids are remembered than their limit, the newest half of them at least', () => {
  const ids = new KnownIds()
  const all = Array.from({ length: 3 * limits.appenderIdsMax }, (_, seq) => stored(seq % 2 ? ana : bo, `ebb-${seq}`, seq))
  for (const one of all) ids.add(one, 1_000)
  const known = all.filter(({ senderId, clientMsgId }) => ids.get(senderId, clientMsgId))
  expect(known.length).toBeLessThanOrEqual(limits.appenderIdsMax)
  expect(known).toEqual(all.slice(-known.length))
  expect(known.length).toBeGreaterThanOrEqual(limits.appenderIdsMax / 2)
})

test('[L9] an id is forgotten when it is old: after one to two of its times', () => {
  const ids = new KnownIds()
  ids.add(stored(ana, 'flood', 1), 0)
  const later = (n: number) => n * (limits.appenderIdsKeptMs + 1)
  ids.add(stored(ana, 'slack', 2), later(1))
  expect(ids.get(ana, 'flood')?.seq).toBe(1)
  ids.add(stored(ana, 'ebb', 3), later(2))
  expect([ids.get(ana, 'flood'), ids.get(ana, 'slack')?.seq]).toEqual([undefined, 2])
})
