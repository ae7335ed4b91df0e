import type { DownFrame } from '@godwit/protocol/down.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Announcement, Run } from '../ports/delivery.ts'
import type { Frame } from '../ports/socket.ts'
import { Hub, type HubSession } from './hub.ts'

class Listener implements HubSession {
  readonly id: string
  readonly userId: UserId
  isActive = true
  readonly lists: (readonly Frame[])[] = []
  readonly lossy: Frame[] = []
  readonly quiet: ConversationId[] = []
  onPush = () => {}

  constructor(id: string, userId: UserId) {
    this.id = id
    this.userId = userId
  }
  push(frames: readonly Frame[]) {
    this.lists.push(frames)
    this.onPush()
  }
  pushLater(frame: Frame): void {
    this.push([frame])
  }
  pushLossy(frame: Frame) {
    this.lossy.push(frame)
  }
  quietHeadMoved(conversationId: ConversationId) {
    this.quiet.push(conversationId)
  }
  get pushed() {
    return this.lists.flat()
  }
  get seqs() {
    return this.pushed.map((frame) => JSON.parse(frame.toString()).entry.seq)
  }
}

const team: ConversationId = 'c_00team'

function entryOf(conversationId: ConversationId, seq: number, content: object = { kind: 'message', text: `第 ${seq} 条` }): Entry {
  const header = {
    conversationId,
    seq,
    messageId: String(seq),
    at: 1,
    senderId: 'u_ana',
    clientMsgId: `m-${seq}`,
    count: seq,
    membershipSeq: 1,
  }
  return { ...header, ...content } as Entry
}

/** As nobody here has sent them. */
function toAll(...entries: [Entry, ...Entry[]]) {
  return entries.map((entry): Announcement => ({ entry, exceptSessionId: null })) as readonly Announcement[] as Run
}

function listeners(hub: Hub, ...names: [id: string, userId: UserId][]) {
  return names.map(([id, userId]) => {
    const listener = new Listener(id, userId)
    hub.add(listener)
    return listener
  })
}

test('an entry is encoded once: every session gets the very same bytes', () => {
  const hub = new Hub()
  const all = listeners(hub, ['s1', 'u_ana'], ['s2', 'u_ana'], ['s3', 'u_ben'], ['s4', 'u_cem'])
  const users: UserId[] = ['u_ana', 'u_ben', 'u_cem']
  hub.entries(toAll(entryOf(team, 1)), users)
  expect(new Set(all.map(({ pushed }) => pushed[0])).size).toBe(1)
})

test('the sending session and those who are no recipients get nothing', () => {
  const hub = new Hub()
  const [sending, own, outsider] = listeners(hub, ['s1', 'u_ana'], ['s2', 'u_ana'], ['s3', 'u_eve'])
  hub.entries([{ entry: entryOf(team, 1), exceptSessionId: 's1' }], ['u_ana', 'u_offline'])
  expect([sending, own, outsider].map((listener) => listener?.pushed.length)).toEqual([0, 1, 0])
})

test('entries that come together are pushed together, as one list for all; whoever sent one of them gets the others', () => {
  const hub = new Hub()
  const [ana, ben, cem] = listeners(hub, ['s1', 'u_ana'], ['s2', 'u_ben'], ['s3', 'u_cem'])
  const [first, second, third] = [entryOf(team, 1), entryOf(team, 2), entryOf(team, 3)]
  const others = { exceptSessionId: null }
  hub.entries(
    [
      { entry: first, ...others },
      { entry: second, exceptSessionId: 's1' },
      { entry: third, ...others },
    ],
    ['u_ana', 'u_ben', 'u_cem'],
  )
  expect([ana, ben, cem].map((listener) => listener?.seqs)).toEqual([
    [1, 3],
    [1, 2, 3],
    [1, 2, 3],
  ])
  expect([ana, ben, cem].map((listener) => listener?.lists.length)).toEqual([1, 1, 1])
  expect(ben?.lists[0]).toBe(cem?.lists[0])
})

test('a session that closes in the middle of a round takes nothing from the others', () => {
  const hub = new Hub()
  const [first, second, third] = listeners(hub, ['s1', 'u_ana'], ['s2', 'u_ana'], ['s3', 'u_ana'])
  if (!first) throw new Error('no session')
  first.onPush = () => hub.remove(first)
  hub.entries(toAll(entryOf(team, 1)), ['u_ana'])
  hub.entries(toAll(entryOf(team, 2)), ['u_ana'])
  expect([first, second, third].map((listener) => listener?.seqs)).toEqual([[1], [1, 2], [1, 2]])
})

test('a quiet conversation moves its head only, except for a session that watches it', () => {
  const hub = new Hub()
  const [watching, away] = listeners(hub, ['s1', 'u_ana'], ['s2', 'u_ana'])
  hub.setQuiet('u_ana', new Set([team]))
  if (watching) hub.watch(watching, new Set([team]))
  hub.entries(toAll(entryOf(team, 1), entryOf(team, 2)), ['u_ana'])
  hub.entries(toAll(entryOf('c_00other', 1)), ['u_ana'])
  expect([watching?.pushed.length, watching?.quiet]).toEqual([3, []])
  expect([away?.pushed.length, away?.quiet]).toEqual([1, [team]])
})

test('a change of the flags counts from the frame that tells it, and a resume that read the old ones does not undo it', () => {
  const hub = new Hub()
  const [ana] = listeners(hub, ['s1', 'u_ana'])
  const row = (muted: boolean) =>
    ({
      type: 'conversations',
      conversations: [{ conversationId: team, flags: { muted, archived: false, pinned: false } }],
      users: [],
    }) as unknown as DownFrame
  hub.toUser('u_ana', row(true))
  hub.entries(toAll(entryOf(team, 1)), ['u_ana'])
  expect(ana?.quiet).toEqual([team])
  hub.toUser('u_ana', row(false))
  hub.setQuiet('u_ana', new Set([team]))
  hub.entries(toAll(entryOf(team, 2)), ['u_ana'])
  expect(ana?.quiet).toEqual([team])
  expect(JSON.parse(ana?.pushed.at(-1)?.toString() ?? '').entry.seq).toBe(2)
})

test('[L10] watchers are told only while they look, and typing may be dropped', () => {
  const hub = new Hub()
  const [looking, inactive, elsewhere] = listeners(hub, ['s1', 'u_ben'], ['s2', 'u_cem'], ['s3', 'u_dan'])
  for (const session of [looking, inactive]) if (session) hub.watch(session, new Set([team]))
  if (inactive) inactive.isActive = false
  hub.toWatchers(team, { type: 'typing', conversationId: team, userId: 'u_ana', on: true })
  hub.toWatchers(team, { type: 'receipts', conversationId: team, members: 3, delivered: [], read: [] })
  expect([looking, inactive, elsewhere].map((session) => [session?.lossy.length, session?.pushed.length])).toEqual([
    [1, 1],
    [0, 0],
    [0, 0],
  ])
  if (looking) hub.remove(looking)
  if (inactive) hub.watch(inactive, new Set())
  expect(hub.isWatched(team)).toBe(false)
})

test('[T7] who is removed gets the entry that says so, and watches nothing there any more', () => {
  const hub = new Hub()
  const removed: UserId[] = []
  hub.onRemoved((userId) => removed.push(userId))
  const [ben] = listeners(hub, ['s1', 'u_ben'])
  if (ben) hub.watch(ben, new Set([team, 'c_00other']))
  hub.entries(toAll(entryOf(team, 8), entryOf(team, 9, { kind: 'removed', userId: 'u_ben' })), ['u_ana', 'u_ben'])
  expect(ben?.seqs).toEqual([8, 9])
  expect([hub.isWatched(team), hub.isWatched('c_00other')]).toEqual([false, true])
  expect([removed, hub.removalsOf('u_ben')]).toEqual([['u_ben'], 1])
})

test('[T7] who is removed watches nothing there any more, also when the push of it fails', () => {
  const hub = new Hub()
  const [ben] = listeners(hub, ['s1', 'u_ben'])
  if (!ben) throw new Error('no session')
  hub.watch(ben, new Set([team]))
  ben.onPush = () => {
    throw new Error('a socket that throws')
  }
  expect(() => hub.entries(toAll(entryOf(team, 9, { kind: 'removed', userId: 'u_ben' })), ['u_ben'])).toThrow('a socket')
  expect(hub.isWatched(team)).toBe(false)
})

test('[L6] every entry reaches every live session of every recipient once and in order, whoever comes and goes', () => {
  const userIds: UserId[] = ['u_ana', 'u_ben', 'u_cem', 'u_dan']
  const conversations: ConversationId[] = ['c_00a', 'c_00b']
  const step = fc.oneof(
    { weight: 1, arbitrary: fc.record({ does: fc.constant('come' as const), user: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('go' as const), which: fc.nat(20) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant('entry' as const),
        conversation: fc.nat(1),
        recipients: fc.uniqueArray(fc.nat(3)),
        senders: fc.array(fc.option(fc.nat(20)), { minLength: 1, maxLength: 4 }),
      }),
    },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const hub = new Hub()
      const live: { session: Listener; expected: [ConversationId, number][] }[] = []
      const gone: typeof live = []
      const heads = new Map<ConversationId, number>()
      let sessions = 0
      for (const each of steps) {
        if (each.does === 'come') {
          const session = new Listener(`s${++sessions}`, userIds[each.user] ?? 'u_ana')
          hub.add(session)
          live.push({ session, expected: [] })
        } else if (each.does === 'go') {
          const [left] = live.splice(each.which % Math.max(1, live.length), 1)
          if (left) {
            hub.remove(left.session)
            gone.push(left)
          }
        } else {
          const conversationId = conversations[each.conversation] ?? 'c_00a'
          const head = heads.get(conversationId) ?? 0
          heads.set(conversationId, head + each.senders.length)
          const recipients = each.recipients.map((user) => userIds[user] ?? 'u_ana')
          const run = each.senders.map((sender, n) => ({
            entry: entryOf(conversationId, head + n + 1),
            exceptSessionId: (sender !== null && live[sender]?.session.id) || null,
          }))
          for (const { session, expected } of live)
            if (recipients.includes(session.userId))
              for (const { entry, exceptSessionId } of run) if (exceptSessionId !== session.id) expected.push([conversationId, entry.seq])
          hub.entries(run as readonly Announcement[] as Run, recipients)
        }
      }
      for (const { session, expected } of [...live, ...gone])
        expect(
          session.pushed.map((frame) => JSON.parse(frame.toString()).entry).map(({ conversationId, seq }) => [conversationId, seq]),
        ).toEqual(expected)
    }),
  )
})
