import { manualClock } from '@godwit/backend-memory/clock.ts'
import type { Entry, EntryContent } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FanOut } from './fan-out.ts'

const stadium = 'c_stadium' as ConversationId
const kitchen = 'c_kitchen' as ConversationId
const cellar = 'c_cellar' as ConversationId
const crowd = new Set(Array.from({ length: 400 }, (_, n): UserId => `u_fan${n}`))
const flatmates: ReadonlySet<UserId> = new Set<UserId>(['u_ana', 'u_bo'])
const restMs = (crowd.size * limits.fanOutRestUs) / 1_000

function scene() {
  const clock = manualClock()
  const begun = clock.now()
  const told: { conversationId: ConversationId; seq: number; atMs: number }[] = []
  const runs: (readonly number[])[] = []
  const errors: unknown[] = []
  let breaksAt = 0
  const fanOut = new FanOut({
    clock,
    delivery: {
      entries: (run) => {
        runs.push(run.map(({ entry }) => entry.seq))
        for (const { entry } of run) told.push({ conversationId: entry.conversationId, seq: entry.seq, atMs: clock.now() - begun })
        if (run.some(({ entry }) => entry.seq === breaksAt)) throw new Error('a socket that throws')
      },
      toUser() {},
      toWatchers() {},
      isWatched: () => false,
    },
    onError: (error) => errors.push(error),
  })
  const push = (conversationId: ConversationId, seq: number, content: EntryContent) => {
    const header = { conversationId, seq, senderId: 'u_fan7', clientMsgId: `m-${seq}`, messageId: `${seq}`, at: clock.now() } as const
    const entry: Entry = { ...header, count: seq, membershipSeq: 1, ...content }
    const members = conversationId === stadium ? crowd : flatmates
    // As a change of members does.
    fanOut.push(entry, entry.kind === 'removed' ? new Set(members) : members, null)
  }
  const say = (conversationId: ConversationId, seq: number) => push(conversationId, seq, { kind: 'message', text: `¡gol ${seq}! ⚽` })
  const times = (conversationId: ConversationId) => told.filter((one) => one.conversationId === conversationId).map(({ atMs }) => atMs)
  return { clock, told, runs, errors, push, say, times, breakAt: (seq: number) => (breaksAt = seq) }
}

test('entries that come one by one into a large group are heard at once, however soon after each other', () => {
  const { clock, say, times } = scene()
  for (let seq = 1; seq <= 4; seq++) {
    say(stadium, seq)
    clock.advance(1)
  }
  expect(times(stadium)).toEqual([0, 1, 2, 3])
})

test('a large group that got several entries at once rests, and hears all that came meanwhile together', () => {
  const { clock, say, times } = scene()
  say(stadium, 1)
  say(stadium, 2)
  clock.advance(1)
  for (let seq = 3; seq <= 7; seq++) {
    say(stadium, seq)
    clock.advance(1)
  }
  clock.advance(4 * restMs)
  say(stadium, 8)
  clock.advance(1)
  const first = [0, 0]
  const second = [restMs, restMs, restMs, restMs, restMs]
  expect(times(stadium)).toEqual([...first, ...second, 1 + 5 + 4 * restMs])
})

test('a small group never rests, nor does any other for a large one that does', () => {
  const { clock, say, times } = scene()
  for (const conversationId of [stadium, kitchen]) for (const seq of [1, 2]) say(conversationId, seq)
  clock.advance(1)
  for (const conversationId of [stadium, kitchen]) for (const seq of [3, 4]) say(conversationId, seq)
  clock.advance(restMs)
  expect(times(kitchen)).toEqual([0, 0, 1, 1])
  expect(times(stadium)).toEqual([0, 0, restMs, restMs])
})

test('[L9] a rest ends when it has collected as much as is appended at once', () => {
  const { clock, say, told } = scene()
  for (let seq = 1; seq <= 2; seq++) say(stadium, seq)
  clock.advance(0)
  for (let seq = 3; seq <= limits.appendEntriesMax + 1; seq++) say(stadium, seq)
  clock.advance(0)
  expect(told).toHaveLength(2)
  say(stadium, limits.appendEntriesMax + 2)
  clock.advance(0)
  expect(told).toHaveLength(limits.appendEntriesMax + 2)
})

test('[T7] a removal ends the rest: who was removed stops watching as soon as in any other group', () => {
  const { clock, push, say, times } = scene()
  for (let seq = 1; seq <= 3; seq++) say(stadium, seq)
  clock.advance(1)
  say(stadium, 4)
  push(stadium, 5, { kind: 'removed', userId: 'u_fan13' })
  clock.advance(0)
  expect(times(stadium)).toEqual([0, 0, 0, 1, 1])
})

test('what stands next to each other for the same members of one conversation is told at once', () => {
  const { clock, push, say, runs } = scene()
  for (let seq = 1; seq <= 3; seq++) say(stadium, seq)
  for (let seq = 11; seq <= 12; seq++) say(kitchen, seq)
  push(kitchen, 13, { kind: 'removed', userId: 'u_bo' })
  say(stadium, 4)
  for (const conversationId of [kitchen, cellar]) say(conversationId, 14)
  clock.advance(0)
  expect(runs).toEqual([[1, 2, 3], [11, 12], [13], [4], [14], [14]])
})

test('[L6] one delivery that fails takes none of another conversation with it, and is told', () => {
  const { clock, say, told, errors, breakAt } = scene()
  breakAt(2)
  for (let seq = 1; seq <= 3; seq++) say(stadium, seq)
  say(kitchen, 11)
  clock.advance(0)
  expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 11])
  expect(errors).toHaveLength(1)
})

test('[L2] [L6] each entry is told once, in the order of its conversation and before long, however rounds and rests meet', () => {
  const step = fc.record({ to: fc.constantFrom(stadium, kitchen), entries: fc.nat(90), passMs: fc.nat(15) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { clock, say, told, times } = scene()
      const heads = new Map([
        [stadium, 0],
        [kitchen, 0],
      ])
      const said = new Map<ConversationId, number[]>([
        [stadium, []],
        [kitchen, []],
      ])
      let nowMs = 0
      for (const { to, entries, passMs } of steps) {
        for (let n = 0; n < entries; n++) {
          const seq = (heads.get(to) as number) + 1
          heads.set(to, seq)
          say(to, seq)
          said.get(to)?.push(nowMs)
        }
        clock.advance(passMs)
        nowMs += passMs
      }
      clock.advance(restMs)
      for (const [id, head] of heads) {
        const seqs = told.filter(({ conversationId }) => conversationId === id).map(({ seq }) => seq)
        expect(seqs).toEqual(Array.from({ length: head }, (_, n) => n + 1))
        const waits = times(id).map((atMs, n) => atMs - (said.get(id)?.[n] as number))
        for (const wait of waits) expect(wait).toBeLessThanOrEqual(id === stadium ? restMs : 0)
      }
    }),
  )
})
