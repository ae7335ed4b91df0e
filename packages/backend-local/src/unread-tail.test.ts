import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EntryFacts, UnreadTail } from './unread-tail.ts'
import { UnreadTails } from './unread-tails.ts'

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
  expect([quiet.reaches(900, 1_000), quiet.reaches(901, 1_000)]).toEqual([false, true])
  expect(quiet.count(ana, 'u_ana', 950, 1_000)).toEqual({ unread: 50, mentions: 0 })

  const loud = tailOf(1_000, crowd)
  loud.trim(300)
  expect([loud.reaches(980, 1_000), loud.reaches(995, 1_000)]).toEqual([false, true])
  expect(loud.count(ana, 'u_ana', 995, 1_000)).toEqual({ unread: 5, mentions: 5 })
  loud.add({ seq: 1_001, kind: 'delete', sender: bo, target: 1_000, mentions: null })
  loud.add({ seq: 1_002, kind: 'edit', sender: bo, target: 999, mentions: null })
  expect(loud.count(ana, 'u_ana', 995, 1_002)).toEqual({ unread: 4, mentions: 3 })
  loud.trim(0)
  expect(loud.count(ana, 'u_ana', 0, 1_002)).toEqual({ unread: 0, mentions: 0 })
  expect(loud.to).toBe(1_002)
})

describe('[L9] all tails together', () => {
  test('weigh no more than their limit: the longest unused is cut short, and forgotten when its turn comes again', () => {
    const tails = new UnreadTails()
    const long = () => tailOf(limits.unreadEntriesMax, [])
    const many = limits.storeTailsWeightMax / limits.unreadEntriesMax
    for (let conversation = 1; conversation <= many + 1; conversation++) tails.keep(conversation, long())
    const kept = (conversation: number) => tails.get(conversation)?.weight
    expect([kept(1), kept(3), kept(many + 1)]).toEqual([limits.storeTailWeightMax, limits.unreadEntriesMax, limits.unreadEntriesMax])
    for (let conversation = many + 2; conversation <= 2 * many; conversation++) tails.keep(conversation, long())
    const all = Array.from({ length: 2 * many }, (_, n) => kept(n + 1) ?? 0)
    expect(all.reduce((sum, weight) => sum + weight)).toBeLessThanOrEqual(limits.storeTailsWeightMax)
    expect([kept(1), kept(2 * many)]).toEqual([undefined, limits.unreadEntriesMax])
  })

  test('are of no more conversations than their limit', () => {
    const tails = new UnreadTails()
    for (let conversation = 1; conversation <= limits.storeTailsMax + 1; conversation++) tails.keep(conversation, tailOf(2, []))
    expect([tails.get(1), tails.get(2)?.to]).toEqual([undefined, 2])
  })
})

/** From the rows alone. */
function counted(log: readonly EntryFacts[], user: number, after: number, upTo: number) {
  const known = log.filter(({ seq }) => seq <= upTo)
  const isDeleted = ({ seq }: EntryFacts) => known.some(({ kind, target }) => kind === 'delete' && target === seq)
  const newest = (message: EntryFacts) => known.findLast(({ kind, target }) => kind === 'edit' && target === message.seq) ?? message
  const unread = known.filter((one) => one.kind === 'message' && one.sender !== user && one.seq > after && !isDeleted(one))
  return { unread: unread.length, mentions: unread.filter((one) => newest(one).mentions?.includes('"u_ana"')).length }
}

test('[L8] any log, from any cursor, as of any head that is not forgotten: as the rows say', () => {
  const mentions = fc.constantFrom(null, '["u_ana"]', '["u_bo"]', '["u_bo","u_ana"]')
  const entry = fc.record({
    kind: fc.constantFrom('message', 'message', 'edit', 'delete', 'reaction'),
    sender: fc.constantFrom(ana, bo, 3),
    at: fc.nat(),
    mentions,
  })
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), fc.nat(60), fc.nat(60), (drawn, cursor, back) => {
      const log = drawn.map(({ kind, sender, at, mentions }, index): EntryFacts => {
        const seq = index + 1
        if (kind === 'message' || seq === 1) return { seq, kind: 'message', sender, target: null, mentions }
        return { seq, kind, sender, target: (at % index) + 1, mentions: kind === 'edit' ? mentions : null }
      })
      const tail = new UnreadTail(1)
      for (const one of log) tail.add(one)
      const upTo = Math.max(log.length - back, 1)
      const after = Math.min(cursor, upTo)
      expect(tail.count(ana, 'u_ana', after, upTo)).toEqual(counted(log, ana, after, upTo))
    }),
  )
})

test('[L9] of long ago a tail does not know what was changed since, and says so', () => {
  const tail = tailOf(2, [])
  for (let seq = 3; seq <= 2 + limits.storeTailChangesMax; seq++) tail.add({ seq, kind: 'edit', sender: bo, target: 1, mentions: null })
  expect(tail.reaches(1, 2)).toBe(true)
  const last = 3 + limits.storeTailChangesMax
  tail.add({ seq: last, kind: 'delete', sender: bo, target: 2, mentions: null })
  expect([tail.reaches(1, 2), tail.reaches(1, last - 1)]).toEqual([false, true])
  expect(tail.count(ana, 'u_ana', 0, last - 1)).toEqual({ unread: 2, mentions: 0 })
  expect(tail.count(ana, 'u_ana', 0, last)).toEqual({ unread: 1, mentions: 0 })
})

test('[L9] a tail that is cut short keeps its newest entries, though much of them was changed, and counts them as the rows say', () => {
  const [messages, edits] = [2 * limits.storeTailWeightMax, limits.storeTailChangesMax]
  const tail = tailOf(messages, [])
  for (let n = 1; n <= edits; n++)
    tail.add({ seq: messages + n, kind: 'edit', sender: bo, target: messages - (n % 50), mentions: '["u_ana"]' })
  tail.add({ seq: messages + edits + 1, kind: 'message', sender: bo, target: null, mentions: null })
  const head = messages + edits + 1
  tail.trim(limits.storeTailWeightMax)
  expect(tail.weight).toBeLessThanOrEqual(limits.storeTailWeightMax)
  expect([tail.to, tail.reaches(head, head), tail.reaches(head, messages)]).toEqual([head, true, false])
  expect(tail.count(ana, 'u_ana', head - 1, head)).toEqual({ unread: 1, mentions: 0 })
})
