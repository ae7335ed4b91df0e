import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Interval } from '@godwit/server/ports/conversations.ts'
import type { InboxRow, Place } from '@godwit/server/ports/inbox.ts'
import type { Head, MessageLog } from '@godwit/server/ports/message-log.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendAll } from './message-log.ts'
import { type Open, openOnce } from './suite.ts'
import { newConversationId, newDeviceId, newUserId, reply, say } from './talk.ts'

/** An inbox tells of what stands in the others. */
type InboxAndOthers = Pick<Ports, 'inbox' | 'messageLog' | 'conversations' | 'cursors'>

type Kind = 'direct' | 'group'
type Pair = readonly [UserId, UserId]

/** What may happen in a conversation of Ana and Bo, from the view of Ana. */
const happenings = ['entry', 'projection', 'flags', 'own cursor', "peer's cursor"] as const
type Happening = (typeof happenings)[number]

/** The contract of `Inbox`, for any backend. That its sieve lets little through is a matter of speed, and not asked here. */
export function inboxConformance(name: string, open: Open<InboxAndOthers>): void {
  describe(`Inbox: ${name}`, () => {
    const backend = openOnce(open)
    sieving(backend)
    listing(backend)
  })
}

async function project({ conversations }: InboxAndOthers, id: ConversationId, kind: Kind, users: Pair, applied: number, changedAt: number) {
  const intervals = users.map((userId): Interval => ({ userId, from: 1, joined: 1, to: null, role: 'member' }))
  const state = { conversationId: id, kind, name: null, createdBy: users[0], history: 'joined', changedAt, intervals } as const
  expect(await conversations.project(applied, { ...state, applied: applied + 1 })).toBe(true)
}

/** A conversation of two, with one entry. */
async function talk(backend: InboxAndOthers, kind: Kind, pair: Pair, at: number, id = newConversationId()): Promise<ConversationId> {
  await appendAll(backend.messageLog, id, [say(reply(1), { at, senderId: pair[0] })])
  await project(backend, id, kind, pair, 0, at)
  return id
}

async function leave({ conversations }: InboxAndOthers, id: ConversationId, userId: UserId, to: number): Promise<void> {
  const state = await conversations.load(id)
  if (!state) throw new Error('there is no such conversation')
  const intervals = state.intervals.map((one) => (one.userId === userId ? { ...one, to } : one))
  await conversations.project(state.applied, { ...state, intervals, applied: state.applied + 1 })
}

function sieving(backend: () => InboxAndOthers): void {
  const phone = newDeviceId()

  async function happen(what: Happening, id: ConversationId, kind: Kind, [ana, bo]: Pair, at: number) {
    const { messageLog, conversations, cursors } = backend()
    const move = { conversationId: id, deviceId: null, at }
    if (what === 'entry') await appendAll(messageLog, id, [say(reply(2), { at, senderId: bo })], 1)
    else if (what === 'projection') await project(backend(), id, kind, [ana, bo], 1, at)
    else if (what === 'flags') await conversations.setFlags(id, ana, { pinned: true }, at)
    else if (what === 'own cursor') await cursors.advance([{ ...move, userId: ana, read: 1 }])
    else await cursors.advance([{ ...move, userId: bo, delivered: 1 }])
  }

  test('[L7] whatever has changed at the time or later is named, however it changed', async () => {
    const happened = fc.record({
      kind: fc.constantFrom('direct', 'group'),
      what: fc.constantFrom(...happenings),
      after: fc.integer({ min: 1, max: 9 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(happened, { maxLength: 6 }), fc.integer({ min: 0, max: 10 }), async (all, since) => {
        const pair = [newUserId(), newUserId()] as const
        const changed = new Set<ConversationId>()
        for (const { kind, what, after } of all) {
          const id = await talk(backend(), kind, pair, 1_000)
          await happen(what, id, kind, pair, 1_000 + after)
          const isMine = kind === 'direct' || what !== "peer's cursor"
          if (isMine && after >= since) changed.add(id)
        }
        const named = (await backend().inbox.changedSince(pair[0], phone, 1_000 + since)).map(idOf)
        expect(named).toEqual(expect.arrayContaining([...changed]))
        expect(new Set(named).size).toBe(named.length)
      }),
      // What is named for its peer's cursor alone.
      { numRuns: 40, examples: [[[{ kind: 'direct', what: "peer's cursor", after: 2 }], 1]] },
    )
  })

  test('[L7] since the beginning is everything, also what one has left; a stranger has nothing', async () => {
    const [ana, bo] = [newUserId(), newUserId()]
    const ids = [
      await talk(backend(), 'direct', [ana, bo], 5),
      await talk(backend(), 'group', [ana, bo], 7),
      await talk(backend(), 'group', [bo, ana], 9),
    ] as const
    await leave(backend(), ids[1], ana, 1)
    const named = await backend().inbox.changedSince(ana, phone, 0)
    expect(new Set(named.map(idOf))).toEqual(new Set(ids))
    expect(await backend().inbox.changedSince(newUserId(), phone, 0)).toEqual([])
  })

  test('[L7] a row says what the other ports say, and what has come to the device', async () => {
    const { inbox, messageLog, conversations, cursors } = backend()
    const [ana, bo, chidi] = [newUserId(), newUserId(), newUserId()]
    const [direct, silent, group] = [
      await talk(backend(), 'direct', [ana, bo], 5),
      await talk(backend(), 'direct', [chidi, ana], 6),
      await talk(backend(), 'group', [bo, ana], 7),
    ]
    await appendAll(messageLog, direct, [say(reply(3), { senderId: bo, at: 8 })], 1)
    await cursors.advance([
      { conversationId: direct, userId: ana, deviceId: phone, delivered: 2, read: 1, at: 9 },
      { conversationId: direct, userId: bo, deviceId: null, delivered: 2, shown: 2, at: 10 },
      { conversationId: group, userId: ana, deviceId: newDeviceId(), delivered: 1, at: 11 },
    ])
    await conversations.setFlags(group, ana, { muted: true }, 12)
    const rows = new Map((await inbox.changedSince(ana, phone, 0)).map((row) => [idOf(row), row]))
    for (const [id, peer] of [[direct, bo] as const, [silent, chidi] as const, [group, null] as const]) {
      const of = async (userId: UserId) => (await cursors.of([{ conversationId: id, userId }]))[0]
      const head = (await messageLog.heads([id]))[0] as Head
      const row = rows.get(id)
      expect([null, await entryAt(messageLog, id, head.seq)]).toContainEqual(row?.last)
      expect(row).toEqual({
        membership: await conversations.membership(id, ana),
        head,
        last: row?.last,
        cursor: await of(ana),
        peerCursor: peer && (await of(peer)),
        delivered: id === direct ? 2 : 0,
      })
    }
    for (const { place: _place, last: _last, ...row } of await inbox.newest(ana, null, 9)) expect(rows.get(idOf(row))).toMatchObject(row)
  })

  test('delivered is kept for each device, by maximum, and reading on one says nothing of another', async () => {
    const { inbox, cursors } = backend()
    const [userId, peer, laptop] = [newUserId(), newUserId(), newDeviceId()]
    const [one, two] = [await talk(backend(), 'direct', [userId, peer], 1), await talk(backend(), 'group', [peer, userId], 1)]
    await cursors.advance([
      { conversationId: one, userId, deviceId: phone, delivered: 9, at: 1 },
      { conversationId: one, userId, deviceId: laptop, delivered: 4, read: 4, at: 2 },
      { conversationId: two, userId, deviceId: laptop, delivered: 7, at: 3 },
      { conversationId: one, userId, deviceId: phone, delivered: 6, at: 4 },
      { conversationId: one, userId, deviceId: null, read: 9, at: 5 },
    ])
    const deliveredTo = async (deviceId: DeviceId) => {
      const rows = new Map((await inbox.changedSince(userId, deviceId, 0)).map((row) => [idOf(row), row.delivered]))
      return [rows.get(one), rows.get(two)]
    }
    expect(await deliveredTo(phone)).toEqual([9, 0])
    expect(await deliveredTo(laptop)).toEqual([4, 7])
    expect(await deliveredTo(newDeviceId())).toEqual([0, 0])
    // A device that is behind its user's other one catches up: nothing of the user's changes.
    await cursors.advance([{ conversationId: one, userId, deviceId: laptop, delivered: 8, at: 6 }])
    expect(await deliveredTo(laptop)).toEqual([8, 7])
    expect(await cursors.of([{ conversationId: one, userId }])).toMatchObject([{ delivered: 9, read: 9, at: 5 }])
  })
}

function listing(backend: () => InboxAndOthers): void {
  test('[R14] the list has the pinned first, then the newest, then falling ids; pages of any size are the whole of it', async () => {
    const some = fc.record({ at: fc.integer({ min: 1, max: 4 }), pinned: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(some, { maxLength: 8 }), fc.integer({ min: 1, max: 5 }), async (all, limit) => {
        const { inbox, conversations } = backend()
        const pair = [newUserId(), newUserId()] as const
        const places: Place[] = []
        for (const { at, pinned } of all) {
          const conversationId = await talk(backend(), 'group', pair, at)
          if (pinned) await conversations.setFlags(conversationId, pair[0], { pinned }, 9)
          places.push({ pinned, lastAt: at, conversationId })
        }
        const paged: Place[] = []
        for (let behind: Place | null = null; ; ) {
          const page = await inbox.newest(pair[0], behind, limit)
          expect(page.length).toBeLessThanOrEqual(limit)
          paged.push(...page.map(({ place }) => place))
          if (page.length < limit) break
          behind = paged.at(-1) ?? null
        }
        expect(paged).toEqual(places.sort(order))
      }),
      { numRuns: 30 },
    )
  })

  test('[R14] a row brings the entry at its head, or none', async () => {
    const { inbox, messageLog } = backend()
    const pair = [newUserId(), newUserId()] as const
    const id = await talk(backend(), 'group', pair, 10)
    await appendAll(messageLog, id, [say(reply(5), { at: 11, senderId: pair[1] })], 1)
    const last = await entryAt(messageLog, id, 2)
    for (const row of await inbox.newest(pair[0], null, 9)) expect([null, last]).toContainEqual(row.last)
  })

  test('[L6] what one has left stands where the last entry that one may see puts it', async () => {
    const { inbox, messageLog } = backend()
    const pair = [newUserId(), newUserId()] as const
    const [left, stayed] = [await talk(backend(), 'group', pair, 10), await talk(backend(), 'group', pair, 20)]
    await leave(backend(), left, pair[0], 1)
    await appendAll(messageLog, left, [say(reply(4), { at: 30, senderId: pair[1] })], 1)
    const placesOf = async (userId: UserId) =>
      (await inbox.newest(userId, null, 9)).map(({ place: { lastAt, conversationId } }) => [conversationId, lastAt])
    expect(await placesOf(pair[0])).toEqual([
      [stayed, 20],
      [left, 10],
    ])
    expect(await placesOf(pair[1])).toEqual([
      [left, 30],
      [stayed, 20],
    ])
  })
}

async function entryAt(messageLog: MessageLog, id: ConversationId, seq: number): Promise<Entry | undefined> {
  return (await messageLog.read(id, { from: seq, to: seq, limit: 1, direction: 'up' })).entries[0]
}

const idOf = ({ membership }: Pick<InboxRow, 'membership'>) => membership.conversationId

function order(one: Place, other: Place): number {
  return Number(other.pinned) - Number(one.pinned) || other.lastAt - one.lastAt || (one.conversationId < other.conversationId ? 1 : -1)
}
