import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sweep } from '../worker/sweep.ts'
import type { Sender } from './chat.ts'
import { openRoom, type Room } from './testing/room.ts'

type Answer = DownFrameOf<'resumed'> | DownFrameOf<'reset'>
const fresh = { epoch: null, mark: null }

const resume = (
  room: Room,
  who: Sender,
  { epoch, mark }: { epoch: string | null; mark: string | null },
  reads: { conversationId: ConversationId; seq: number }[] = [],
) => room.done(room.chat.resume(who, { type: 'resume', epoch, mark, reads }))
const named = (answer: Answer) =>
  answer.type === 'resumed' ? answer.conversations.map(({ conversationId }) => conversationId) : answer.reason

/** Long enough that nothing from before is within the slack of a mark. */
const later = (room: Room) => room.clock.advance(limits.markSlackMs + 1_000)

async function threeGroups(count = 3) {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const groups: ConversationId[] = []
  for (let i = 0; i < count; i++) {
    groups.push(await room.group(ana, [bo], 'joined', `Watt ${'🦀'.repeat(i + 1)}`))
    room.clock.advance(1_000)
  }
  return { room, ana, bo, groups }
}

test('[L7] a device that has seen nothing is told everything, newest first, with the newest entries', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  await room.say(ana, groups[1] as ConversationId, 'Alle an Deck! ⛵')
  const answer = await resume(room, bo, fresh)
  expect(named(answer)).toEqual([groups[1], groups[2], groups[0]])
  expect(answer).toMatchObject({
    conversations: [{ head: 2, unread: 1, entries: [{ seq: 1 }, { seq: 2, text: 'Alle an Deck! ⛵' }] }, { head: 1, unread: 0 }, {}],
    users: [{ userId: ana.userId }],
  })
})

test('[L7] head and members of a row belong together, also where the projection lags and the log grows meanwhile', async () => {
  let meanwhile = async () => {}
  const room = await openRoom({
    conversations: (inner) => ({ ...inner, project: async (expected, state) => expected === 0 && inner.project(expected, state) }),
    inbox: (inner) => ({
      ...inner,
      async changedSince(...asked) {
        const seen = await inner.changedSince(...asked)
        await meanwhile()
        return seen
      },
    }),
  })
  const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
  const to = await room.group(ana, [bo]) // 1
  await room.change(ana, to, { change: 'rename', name: 'Nachtschicht 🌙' }) // 2
  meanwhile = async () => {
    await room.change(ana, to, { change: 'add', members: [chidi.userId] }) // 3
  }
  expect(await resume(room, bo, fresh)).toMatchObject({ conversations: [{ head: 3, memberCount: 3, name: 'Nachtschicht 🌙' }] })
})

test("[L7] whatever changed is named, and only that: an entry, own reading, the peer's, flags, joining, going", async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const [one, two, three] = groups as [ConversationId, ConversationId, ConversationId]
  const direct = await room.direct(ana, bo)
  later(room)
  let at = await resume(room, bo, fresh)
  const expectNamed = async (expected: ConversationId[]) => {
    const answer = await resume(room, bo, at)
    expect(named(answer)).toEqual(expected)
    later(room)
    at = await resume(room, bo, answer)
  }
  later(room)
  await expectNamed([])
  await room.say(ana, two, 'Wer hat das Spektiv?')
  await expectNamed([two])
  await room.done(room.chat.advance({ ...bo, deviceId: 'd_phone' }, two, 2, 'read'))
  await expectNamed([two])
  await room.done(room.chat.advance(ana, direct, 1, 'delivered'))
  await expectNamed([direct])
  await room.done(room.chat.advance(ana, two, 1, 'read'))
  await expectNamed([])
  await room.done(room.chat.setFlags(bo, three, { pinned: true }))
  await expectNamed([three])
  await room.change(ana, one, { change: 'remove', userId: bo.userId })
  await expectNamed([one])
  await room.say(ana, one, 'Endlich unter uns')
  await room.change(ana, one, { change: 'rename', name: 'Ohne Bo' })
  await expectNamed([])
  await room.change(ana, one, { change: 'add', members: [bo.userId] })
  await expectNamed([one])
})

test('[L7] who was added hears of it also when it is projected after the marks have passed it', async () => {
  let isDown = true
  const room = await openRoom({
    conversations: (inner) => ({
      ...inner,
      project: (...args) => (isDown ? Promise.reject(new Error('no disk')) : inner.project(...args)),
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const id = await room.group(ana, [bo], 'joined', 'Spätschicht 🌙')
  later(room)
  const mark = await resume(room, bo, fresh)
  later(room)
  expect(named(mark)).toEqual([])
  isDown = false
  const { backend, clock } = room
  await new Sweep({ ...backend, clock, log: backend.messageLog, events: backend.eventStream, onError: () => {} }).start()
  expect(named(await resume(room, bo, mark))).toEqual([id])
})

test('[L7] what changed without bringing this device an entry is told in outline to who asks for it, and to nobody else', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const [one, two, three] = groups as [ConversationId, ConversationId, ConversationId]
  const direct = await room.direct(ana, bo)
  later(room)
  const { epoch, mark } = await resume(room, bo, fresh)
  later(room)
  for (const to of [one, two]) await room.say(ana, to, 'Säbelschnäbler auf der Sandbank')
  room.clock.advance(1_000)
  const { seq } = await room.say(ana, direct, '¿Vienes mañana? 🌅')
  await room.done(room.chat.setFlags(bo, three, { muted: true }))
  for (const to of [one, direct]) await room.done(room.chat.advance(bo, to, seq, 'delivered'))
  await room.done(room.chat.advance(bo, three, 1, 'delivered'))
  await room.done(room.chat.advance(ana, direct, seq, 'read'))
  const ask = async (who: Sender, outlines?: boolean) => {
    const answer = await room.done(room.chat.resume(who, { type: 'resume', epoch, mark, ...(outlines && { outlines }) }))
    if (answer.type !== 'resumed') throw new Error(answer.reason)
    return answer
  }
  const whole = await ask(bo)
  expect(new Set(named(whole))).toEqual(new Set([one, two, three, direct]))
  expect(whole.outlines).toBeUndefined()
  const { conversations, outlines = [] } = await ask(bo, true)
  expect(new Set(conversations.map(({ conversationId }) => conversationId))).toEqual(new Set([two, three]))
  const rows = new Map(whole.conversations.map((row) => [row.conversationId, row]))
  for (const outline of outlines) expect(rows.get(outline.conversationId)).toMatchObject(outline)
  expect(outlines).toMatchObject([
    { conversationId: direct, head: 2, peer: { delivered: 2, read: 2 } },
    { conversationId: one, head: 2 },
  ])
  // Her other device has had none of it.
  expect((await ask({ ...bo, deviceId: 'd_laptop' }, true)).conversations).toHaveLength(4)
})

test('[L7] a row that members have changed is told whole, also when every entry of it is known', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const [one, two] = groups as [ConversationId, ConversationId]
  later(room)
  const { epoch, mark } = await resume(room, bo, fresh)
  later(room)
  await room.change(ana, one, { change: 'rename', name: 'Nachtzug 🚆' })
  room.clock.advance(1_000)
  await room.change(ana, two, { change: 'remove', userId: bo.userId })
  for (const to of [one, two]) await room.done(room.chat.advance(bo, to, 2, 'delivered'))
  const answer = await room.done(room.chat.resume(bo, { type: 'resume', epoch, mark, outlines: true }))
  expect(answer).toMatchObject({ conversations: [{ role: null }, { name: 'Nachtzug 🚆', role: 'member' }] })
})

test('[L7] any history of changes and resumes leaves a device with what the server has', async () => {
  const act = fc.oneof(
    fc.record({ say: fc.nat(2) }),
    fc.record({ read: fc.nat(2) }),
    fc.record({ pin: fc.nat(2) }),
    fc.record({ jump: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
    fc.record({ wait: fc.integer({ min: 1, max: 300_000 }) }),
    fc.constant('resume' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
      const { room, ana, bo, groups } = await threeGroups()
      const device = new Map<ConversationId, unknown>()
      let at: { epoch: string | null; mark: string | null } = fresh
      const take = async () => {
        const answer = await resume(room, bo, at)
        expect(answer.type).toBe('resumed')
        if (answer.type === 'resumed') for (const { entries: _entries, ...row } of answer.conversations) device.set(row.conversationId, row)
        at = answer
      }
      for (const one of acts) {
        if (one === 'resume') await take()
        else if ('jump' in one) room.clock.jump(one.jump)
        else if ('wait' in one) room.clock.advance(one.wait)
        else if ('say' in one) await room.say(ana, groups[one.say] as ConversationId, 'Noch ein Vogel 🐦')
        else if ('read' in one) {
          const to = groups[one.read] as ConversationId
          await room.done(room.chat.advance(bo, to, room.log(to).length, 'read'))
        } else await room.done(room.chat.setFlags(bo, groups[one.pin] as ConversationId, { pinned: true }))
      }
      await take()
      for (const to of groups) {
        const { entries: _entries, ...row } = (await room.done(room.chat.conversation(bo, to))).conversation
        expect(device.get(to)).toEqual(row)
      }
    }),
    { numRuns: 80 },
  )
}, 30_000)

test('[L7] a mark of the future, as after a restart under a clock that was set back, hides nothing', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  later(room)
  const answer = await resume(room, bo, fresh)
  room.clock.jump(-2 * 3_600_000)
  const { chat } = await room.openNode()
  await room.say(ana, groups[1] as ConversationId, 'Meine Uhr steht', chat)
  const again = await room.done(chat.resume(bo, { type: 'resume', epoch: answer.epoch, mark: answer.mark }))
  expect(new Set(named(again))).toEqual(new Set(groups))
})

test('[L7] what the device has read while away is caught up first; what it cannot have read says nothing', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const [one, two] = groups as [ConversationId, ConversationId]
  await room.say(ana, one, 'eins')
  await room.say(ana, one, 'zwei')
  const answer = await resume(room, bo, fresh, [
    { conversationId: one, seq: 2 },
    { conversationId: two, seq: 99 },
    { conversationId: 'c_00elsewhere', seq: 1 },
  ])
  expect(answer).toMatchObject({ conversations: [{ conversationId: one, read: 2, unread: 1 }, {}, {}] })
  const [cursor] = await room.backend.cursors.of([{ conversationId: two, userId: bo.userId }])
  expect(cursor?.read).toBe(0)
})

test('[L7] another epoch is a reset, and a mark that was never given is refused', async () => {
  const { room, bo } = await threeGroups(1)
  const answer = await resume(room, bo, fresh)
  const other = await resume(room, bo, { epoch: 'before-the-restore', mark: answer.mark })
  expect(other).toEqual({ type: 'reset', reason: 'epoch', epoch: answer.epoch, mark: expect.any(String) })
  for (const mark of ['', '-1', 'yesterday', '1.5', 'Infinity'])
    await expect(resume(room, bo, { epoch: answer.epoch, mark })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('[L9] entries ride along up to their bytes of UTF-8, the newest conversations first', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const text = '潮'.repeat(5_000)
  for (const to of groups) {
    room.clock.advance(1_000)
    for (let i = 0; i < 12; i++) await room.say(ana, to, text)
  }
  const answer = (await resume(room, bo, fresh)) as DownFrameOf<'resumed'>
  const entries = answer.conversations.map((row) => row.entries)
  const bytes = Buffer.byteLength(JSON.stringify(entries))
  expect(bytes).toBeLessThanOrEqual(limits.resumeEntriesBytesMax * 1.01)
  expect(bytes).toBeGreaterThan(limits.resumeEntriesBytesMax * 0.8)
  expect(entries.map(({ length }) => length)).toEqual([13, 5, 0])
  answer.conversations.forEach(({ head }, i) => {
    entries[i]?.forEach(({ seq }, nth) => {
      expect(seq, 'without a gap up to the head').toBe(head - (entries[i]?.length ?? 0) + 1 + nth)
    })
  })
}, 30_000)

test('[L9] more changed conversations than fit is a reset with a mark to go on from', async () => {
  const room = await openRoom()
  const ana = await room.person('ana')
  const first = await room.group(ana, [])
  // Copies of one stored group are many groups.
  const [log, state] = [room.disk.logs.get(first), room.disk.states.get(first)]
  for (let i = 0; i < limits.resumeConversationsMax; i++) {
    const conversationId: ConversationId = `c_00copy-${i}`
    if (log) room.disk.logs.set(conversationId, log)
    if (state) room.disk.states.set(conversationId, { ...state, conversationId })
  }
  expect(await resume(room, ana, fresh)).toMatchObject({ type: 'reset', reason: 'too-many' })

  // [L6] a heartbeat tells them all in turns, though every one of them has the same time.
  const told = new Set<ConversationId>()
  let mark = '0'
  for (let beat = 0; beat * limits.pongConversationsMax <= limits.resumeConversationsMax; beat++) {
    const pong = await room.done(room.chat.changes(ana, mark))
    expect(pong.conversations.length).toBeLessThanOrEqual(limits.pongConversationsMax)
    for (const { conversationId } of pong.conversations) told.add(conversationId)
    mark = pong.mark
  }
  expect(told.size).toBe(limits.resumeConversationsMax + 1)
  expect(named(await resume(room, ana, { epoch: (await resume(room, ana, fresh)).epoch, mark: mark.split('>')[0] as string }))).toBe(
    'too-many',
  )
}, 20_000)

test('[L6] the heartbeat names heads that moved since the mark', async () => {
  const { room, ana, bo, groups } = await threeGroups()
  const [one] = groups as [ConversationId]
  later(room)
  const first = await room.done(room.chat.changes(bo, null))
  expect(first.conversations).toEqual([])
  later(room)
  const { mark } = await room.done(room.chat.changes(bo, first.mark))
  await room.say(ana, one, 'Hörst du mich?')
  expect(await room.done(room.chat.changes(bo, mark))).toMatchObject({ conversations: [{ conversationId: one, head: 2 }] })
})

test('[L7] the heartbeat also names what changed otherwise than by an entry, so that no push has to arrive', async () => {
  const room = await openRoom()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.say(bo, to, 'Wann fährt die Fähre? ⛴️')
  const since = async (change: () => Promise<unknown>) => {
    later(room)
    const { mark } = await room.done(room.chat.changes(ana, '0'))
    await room.done(change())
    return (await room.done(room.chat.changes(ana, mark))).conversations
  }
  const row = {
    conversationId: to,
    head: 2,
    read: 1,
    flags: { muted: false, archived: false, pinned: false },
    peer: { delivered: 2, read: 2 },
  }
  expect(await since(() => room.chat.advance(bo, to, 2, 'read'))).toEqual([row])
  expect(await since(() => room.chat.advance(ana, to, 2, 'read'))).toMatchObject([{ read: 2 }])
  expect(await since(() => room.chat.setFlags(ana, to, { muted: true }))).toMatchObject([{ flags: { muted: true } }])
  expect(await since(() => Promise.resolve())).toEqual([])
})

test('[L7] the heartbeat names a conversation that one has left when its flags change', async () => {
  const { room, bo, groups } = await threeGroups()
  const [one] = groups as [ConversationId]
  await room.change(bo, one, { change: 'remove', userId: bo.userId })
  later(room)
  const { mark } = await room.done(room.chat.changes(bo, '0'))
  await room.done(room.chat.setFlags(bo, one, { archived: true }))
  expect((await room.done(room.chat.changes(bo, mark))).conversations).toMatchObject([{ conversationId: one, flags: { archived: true } }])
})

/** A room whose rows come with their last entry, as a store has it at hand; answers how many entries each read of the log brought. */
async function roomWithLastEntries() {
  const reads: number[] = []
  const room: Room = await openRoom({
    log: (inner) => ({
      ...inner,
      async read(...asked) {
        const result = await inner.read(...asked)
        reads.push(result.entries.length)
        return result
      },
    }),
    inbox: (inner) => ({
      ...inner,
      async changedSince(...asked) {
        const rows = await inner.changedSince(...asked)
        return rows.map((row) => ({ ...row, last: room.log(row.membership.conversationId).at(-1) ?? null }))
      },
    }),
  })
  return { room, reads }
}

test('[L7] [L9] a device that has nothing yet: entries are read for as long as they fit, and every conversation has its preview', async () => {
  const { room, reads } = await roomWithLastEntries()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const groups = (limits.resumeEntriesReadMax / limits.resumeEntriesPerConversationMax) * 2
  for (let nth = 0; nth < groups; nth++) {
    const to = await room.group(ana, [bo])
    for (let i = 1; i < limits.resumeEntriesPerConversationMax; i++) await room.say(ana, to, `${'潮'.repeat(1_000)} ${i}`)
  }
  reads.length = 0
  const { conversations } = (await resume(room, bo, fresh)) as DownFrameOf<'resumed'>
  const head = limits.resumeEntriesPerConversationMax
  expect(conversations.map(({ preview, count }) => [preview?.seq, count])).toEqual(Array(groups).fill([head, head - 1]))
  expect(conversations[0]?.entries).toHaveLength(head)
  expect(conversations.at(-1)?.entries).toEqual([])
  expect(reads.reduce((sum, entries) => sum + entries)).toBe(limits.resumeEntriesReadMax)
})

test('[L7] the last entry of a row spares a read where it is all that is lacking and a preview, and only there', async () => {
  const { room, reads } = await roomWithLastEntries()
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  const first = await resume(room, bo, fresh)
  await room.done(room.chat.advance(bo, to, 1, 'delivered'))
  const told = async () => {
    reads.length = 0
    const [row] = ((await resume(room, bo, first)) as DownFrameOf<'resumed'>).conversations
    return { entries: row?.entries.map(({ seq }) => seq), preview: row?.preview, count: row?.count, reads: [...reads] }
  }
  await room.say(ana, to, 'Kommst du mit ans Wasser?')
  expect(await told()).toMatchObject({ entries: [2], preview: { seq: 2, text: 'Kommst du mit ans Wasser?' }, count: 1, reads: [] })
  await room.done(room.chat.advance(bo, to, 2, 'delivered'))
  await room.amend(bo, to, { type: 'reaction', target: 2, emoji: '🏊', on: true })
  expect(await told()).toMatchObject({ entries: [3], preview: { seq: 2 }, count: 1, reads: [1, 3] })
  await room.amend(ana, to, { type: 'delete', target: 2 })
  expect(await told()).toMatchObject({ entries: [3, 4], preview: null, count: 1 })
})
