import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Sender } from './chat.ts'
import { openRoom, type Room } from './testing/room.ts'

const row = async (room: Room, who: Sender, to: ConversationId) => (await room.done(room.chat.conversation(who, to))).conversation

/** L8 read off the log, one entry after another. */
function expected(log: readonly Entry[], userId: UserId, read: number): number {
  let joined = 0
  let end = 0
  let isMember = false
  for (const entry of log) {
    if ((entry.kind === 'created' || entry.kind === 'added') && entry.members.some((one) => one.userId === userId)) {
      joined = entry.seq
      isMember = true
    }
    if (isMember) end = entry.seq
    if (entry.kind === 'removed' && entry.userId === userId) isMember = false
  }
  // Who was removed before a deletion counts as it stood then.
  const deleted = new Set(log.flatMap((entry) => (entry.kind === 'delete' && entry.seq <= end ? [entry.target] : [])))
  const counts = ({ kind, seq, senderId }: Entry) =>
    kind === 'message' && senderId !== userId && seq > Math.max(read, joined) && seq <= end && !deleted.has(seq)
  return log.filter(counts).length
}

const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ say: fc.constantFrom('moin', 'هل رأيت؟', '👩🏽‍🔬'), by: fc.nat(2) }) },
  fc.record({ edit: fc.nat(9) }),
  fc.record({ delete: fc.nat(9) }),
  fc.record({ react: fc.nat(9), by: fc.nat(2) }),
  fc.record({ read: fc.nat(40), by: fc.nat(2) }),
  fc.record({ turn: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ history: fc.constantFrom('joined' as const, 'all' as const) }),
)

test('[L8] unread is what the log says: not mine, not deleted, not before I joined, whatever was edited, reacted or opened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
      const room = await openRoom()
      const people = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
      const [ana] = people as [Sender]
      const to = await room.group(ana, people.slice(1, 2))
      const read = new Map<UserId, number>()
      const messages = () => room.log(to).filter(({ kind, senderId }) => kind === 'message' && senderId === ana.userId)
      for (const one of acts) {
        // Whoever is not there may not: the fold of what was done is what counts.
        const ignored = () => null
        const who = people['by' in one ? one.by : 0] as Sender
        if ('say' in one) await room.say(who, to, one.say).catch(ignored)
        else if ('history' in one) await room.change(ana, to, { change: 'history', history: one.history })
        else if ('read' in one) {
          const moved = room.chat.advance(who, to, one.read, 'read').then(() => room.chat.cursor(who, to))
          const answer = await room.done(moved).catch(ignored)
          if (answer) read.set(who.userId, Math.max(one.read, read.get(who.userId) ?? 0))
          if (answer) expect(answer.unread).toBe(expected(room.log(to), who.userId, read.get(who.userId) ?? 0))
        } else if ('turn' in one) {
          const { userId } = people[one.turn] as Sender
          const roster = await room.done(room.chat.members(ana, to))
          if (roster.members.some((member) => member.userId === userId)) await room.change(ana, to, { change: 'remove', userId })
          else await room.change(ana, to, { change: 'add', members: [userId] })
        } else {
          const nth = 'edit' in one ? one.edit : 'delete' in one ? one.delete : one.react
          const target = messages()[nth]?.seq
          if (target === undefined) continue
          if ('edit' in one) await room.amend(ana, to, { type: 'edit', target, text: 'doch anders' }).catch(ignored)
          else if ('delete' in one) await room.amend(ana, to, { type: 'delete', target })
          else await room.amend(who, to, { type: 'reaction', target, emoji: '🦀', on: true }).catch(ignored)
        }
      }
      for (const who of people) {
        const summary = await row(room, who, to).catch(() => null)
        if (summary) expect(summary.unread, who.userId).toBe(expected(room.log(to), who.userId, read.get(who.userId) ?? 0))
      }
    }),
    { numRuns: 80, examples: [[[{ say: 'moin', by: 0 }, { turn: 1 }, { delete: 0 }]]] },
  )
}, 30_000)

test('[L8] who joins an open history has nothing unread of the past, and reads on from there', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [], 'all')
  for (const line of ['eins', 'zwei', 'drei']) await room.say(ana, to, line)
  await room.change(ana, to, { change: 'add', members: [bo.userId] }) // 5
  expect(await row(room, bo, to)).toMatchObject({ first: 1, head: 5, read: 5, unread: 0 })
  await room.say(ana, to, 'Willkommen! 🎉')
  expect(await row(room, bo, to)).toMatchObject({ read: 5, unread: 1 })
})

test('[L8] unread is exact to its limit and says when it is more; mentions are counted beside it', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const send = (i: number) =>
    room.chat.send(ana, {
      type: 'message',
      to,
      clientMsgId: `n-${i}`,
      text: `Sichtung 🐦 ${i}`,
      ...(i % 500 ? {} : { mentions: [bo.userId] }),
    })
  await room.done(Promise.all(Array.from({ length: limits.unreadMax }, (_, i) => send(i))))
  expect(await row(room, bo, to)).toMatchObject({ unread: limits.unreadMax, mentions: 2 })
  await room.done(Promise.all([send(limits.unreadMax), send(limits.unreadMax + 1)]))
  expect((await row(room, bo, to)).unread).toBe(limits.unreadMax + 1)
}, 30_000)
