import type { UserId } from '@godwit/protocol/ids.ts'
import { expect, test } from 'vitest'
import { UnreadTail } from './unread-tail.ts'

const [ana, bo] = [1, 2]
const crowd: readonly UserId[] = ['u_ana', ...Array.from({ length: 63 }, (_, n): UserId => `u_千夏${n}`)]

/** Bo's messages from seq 1 on; every one mentions `mentioned`. */
function tailOf(messages: number, mentioned: readonly UserId[]): UnreadTail {
  const tail = new UnreadTail(1)
  const mentions = mentioned.length === 0 ? null : JSON.stringify(mentioned)
  for (let seq = 1; seq <= messages; seq++) tail.add({ seq, kind: 'message', sender: bo, target: null, mentions })
  return tail
}

test('[L9] what is kept of a conversation is bounded in entries and mentions together, and counts what it keeps as before', () => {
  const quiet = tailOf(1_000, [])
  quiet.trim(100)
  expect([quiet.reaches(900), quiet.reaches(901)]).toEqual([false, true])
  expect(quiet.count(ana, 'u_ana', 950)).toEqual({ unread: 50, mentions: 0 })

  const loud = tailOf(1_000, crowd)
  loud.trim(650)
  expect([loud.reaches(990), loud.reaches(991)]).toEqual([false, true])
  expect(loud.count(ana, 'u_ana', 995)).toEqual({ unread: 5, mentions: 5 })
  loud.add({ seq: 1_001, kind: 'delete', sender: bo, target: 1_000, mentions: null })
  loud.add({ seq: 1_002, kind: 'edit', sender: bo, target: 999, mentions: null })
  expect(loud.count(ana, 'u_ana', 995)).toEqual({ unread: 4, mentions: 3 })
  loud.trim(650)
  expect(loud.reaches(991)).toBe(true)
  loud.trim(0)
  expect(loud.count(ana, 'u_ana', 0)).toEqual({ unread: 0, mentions: 0 })
  expect(loud.to).toBe(1_002)
})
