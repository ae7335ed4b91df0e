import type { Sent } from '@godwit/protocol/api.ts'
import { type Entry, isMembership } from '@godwit/protocol/entry.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Sweep } from '../worker/sweep.ts'
import type { Chat, Sender } from './chat.ts'
import { applyMembership, type MembershipEntry, type Roster } from './roster.ts'
import { type Fault, type Hostility, hostileLog, peace } from './testing/hostile-log.ts'
import { type Announced, openRoom, turnOfTheLoop } from './testing/room.ts'

const lines = [
  'moin!',
  'Tide is out at 6:40 🌊',
  '明日の朝、干潟で会いましょう。',
  'هل رأيت الطيور اليوم؟',
  'if (a < b) { swap(a, b) } // 🐦',
  'Zoë?',
]

/** A command that was sent and has no answer yet; `just` once it was neither stored nor allowed (the model's definition). */
interface Outstanding {
  readonly sender: UserId
  readonly id: string
  readonly needsMembership: boolean
  just: boolean
}

/** A world of several nodes over one hostile log, and what everybody was told. */
async function hostileWorld(seed: number, nodes: number, hostility: Hostility) {
  const outstanding = new Set<Outstanding>()
  const room = await openRoom({ seed })
  let conversation: ConversationId = 'c_00none'

  const review = () => {
    const log = room.log(conversation)
    const members = rosterOf(log)
    for (const one of outstanding) {
      const isStored = log.some((entry) => entry.senderId === one.sender && entry.clientMsgId === one.id)
      if (!isStored && one.needsMembership && !members.roles.has(one.sender)) one.just = true
    }
  }
  const open = () => room.openNode({ log: (inner) => hostileLog(inner, room.clock, hostility, review) })
  const chats = await Promise.all(Array.from({ length: nodes }, open))
  const acks = new Map<string, Sent[]>()
  const anyNode = () => (chats[Math.floor(room.clock.random() * nodes)] as { chat: Chat }).chat

  /** Sends until it is known what became of it. Answers false for a refusal, which must be just. */
  async function tell(
    sender: Sender,
    id: string,
    needsMembership: boolean,
    send: (chat: Chat) => Promise<Sent>,
  ): Promise<'acked' | 'refused' | 'again'> {
    const one: Outstanding = { sender: sender.userId, id, needsMembership, just: false }
    outstanding.add(one)
    review()
    try {
      const ack = await send(anyNode())
      const key = `${sender.userId} ${id}`
      acks.set(key, [...(acks.get(key) ?? []), ack])
      return 'acked'
    } catch (error) {
      // What is no GodwitError is INTERNAL at the edge: the same id again.
      if (!(error instanceof GodwitError) || error.retry !== 'never') return 'again'
      expect(error.code).toBe('FORBIDDEN')
      expect(one.just, `unjust refusal of ${id}`).toBe(true)
      return 'refused'
    } finally {
      outstanding.delete(one)
    }
  }

  return { room, chats, acks, tell, begin: (id: ConversationId) => (conversation = id) }
}

function rosterOf(log: readonly Entry[]): Roster {
  let roster: Roster | null = null
  for (const entry of log) if (isMembership(entry)) roster = applyMembership(roster, entry as MembershipEntry)
  return roster as Roster
}

type World = Awaited<ReturnType<typeof hostileWorld>>

/** A device with an outbox: three on the way, each naming the one before, resent from the first unsettled one (L5). */
async function device(world: World, sender: Sender, to: ConversationId, ids: readonly string[]): Promise<string[]> {
  let unsettled = ids
  const refused: string[] = []
  while (unsettled.length > 0) {
    const sent = unsettled.slice(0, 3)
    const outcomes = await Promise.all(
      sent.map((clientMsgId, i) => {
        const text = lines[clientMsgId.length % lines.length] as string
        const after = sent[i - 1]
        return world.tell(sender, clientMsgId, true, (chat) =>
          chat.send(sender, { type: 'message', to, clientMsgId, text, ...(after === undefined ? {} : { after }) }),
        )
      }),
    )
    refused.push(...sent.filter((_, i) => outcomes[i] === 'refused'))
    const settled = new Set(sent.filter((_, i) => outcomes[i] !== 'again'))
    unsettled = unsettled.filter((id) => !settled.has(id))
  }
  return refused
}

/** The owner throws somebody out and takes them in again, over and over. */
async function moderator(world: World, owner: Sender, to: ConversationId, victim: Sender, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const id = `${round % 2 ? 'in' : 'out'}-${round}`
    const change =
      round % 2 ? ({ change: 'add', members: [victim.userId] } as const) : ({ change: 'remove', userId: victim.userId } as const)
    while ((await world.tell(owner, id, false, (chat) => chat.changeGroup(owner, to, id, change))) === 'again');
  }
}

const everyFault = new Set<Fault>()

test('[L2][L3][L4][L5] several appenders on a hostile log: no gap, no double, acks agree, order of each device, refusals just', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 40 }),
      fc.nat(4),
      async (seed, nodes, percent, rounds) => {
        const hostility = peace()
        const world = await hostileWorld(seed, nodes, hostility)
        const { room, acks } = world
        const [ana, bo, chidi] = [await room.person('ana'), await room.person('bo'), await room.person('chidi')]
        const bosPhone = { ...bo, deviceId: 'd_bo-phone', sessionId: 's_bo-phone' } as const
        const to = world.begin(await room.group(ana, [bo, chidi]))
        hostility.percent = percent

        const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`)
        const outboxes = [
          { sender: ana, ids: idsOf('ana', 4) },
          { sender: bo, ids: idsOf('bo', 6) },
          { sender: bosPhone, ids: idsOf('phone', 5) },
        ]
        const refused = await room.done(
          Promise.all([
            ...outboxes.map(({ sender, ids }) => device(world, sender, to, ids)),
            moderator(world, ana, to, bo, rounds).then(() => []),
          ]).then((lists) => new Set(lists.flat())),
        )
        for (const fault of hostility.faults.keys()) everyFault.add(fault)

        // What is still on its way lands, then everything is sent once more: by removed senders too.
        await room.rest(20_000)
        hostility.percent = 0
        const log = room.log(to)
        for (const { sender, ids } of outboxes)
          for (const id of ids) {
            if (!log.some((entry) => entry.clientMsgId === id)) continue
            expect(await room.done(world.tell(sender, id, true, (chat) => chat.send(sender, retryOf(id, to))))).toBe('acked')
          }
        await room.rest()

        expectSoundLog(log)
        for (const [key, all] of acks) {
          const places = all.map(({ seq, messageId, at }) => ({ seq, messageId, at }))
          const stored = log.find((entry) => `${entry.senderId} ${entry.clientMsgId}` === key)
          for (const place of places) expect(stored, `ack of ${key}`).toMatchObject(place)
        }
        for (const { ids } of outboxes) {
          const seqs = ids
            .filter((id) => !refused.has(id))
            .map((id) => log.find(({ clientMsgId }) => clientMsgId === id)?.seq ?? Number.NaN)
          expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
        }
        expectAnnounced(
          log,
          world.chats.flatMap(({ pushed }) => pushed.announced),
          acks,
        )

        const events = room.backend.eventStream
        await new Sweep({ ...room.backend, log: room.backend.messageLog, events, onError: (error) => expect.fail(String(error)) }).start()
        expect(await room.backend.conversations.load(to)).toEqual({ ...rosterOf(log).state, changedAt: expect.any(Number) })
        await turnOfTheLoop()
      },
    ),
    { numRuns: 150, examples: [[-13, 2, 30, 0]] },
  )
  expect([...everyFault].sort()).toEqual([
    'refused',
    'reply-garbled',
    'reply-lost',
    'sent-twice',
    'slow-reply',
    'slow-request',
    'very-late',
  ])
}, 60_000)

function retryOf(clientMsgId: string, to: ConversationId) {
  return { type: 'message', to, clientMsgId, text: lines[clientMsgId.length % lines.length] as string } as const
}

/** 1..head, running counts, each id once, and nobody speaks who is not a member at that point. */
function expectSoundLog(log: readonly Entry[]): void {
  const ids = new Set<string>()
  let roster: Roster | null = null
  let count = 0
  log.forEach((entry, i) => {
    expect(entry.seq).toBe(i + 1)
    if (entry.kind === 'message') {
      count++
      expect(roster?.roles.has(entry.senderId), `${entry.clientMsgId} by a member`).toBe(true)
    }
    if (isMembership(entry)) roster = applyMembership(roster, entry as MembershipEntry)
    expect(entry.count).toBe(count)
    expect(entry.at).toBeGreaterThanOrEqual(log[i - 1]?.at ?? 0)
    ids.add(`${entry.senderId} ${entry.clientMsgId}`)
  })
  expect(ids.size).toBe(log.length)
}

/** [L4] whatever is acked was announced by some node, itself or by the gap below a later one; [L6] and only to those entitled to it. */
function expectAnnounced(log: readonly Entry[], announced: readonly Announced[], acks: ReadonlyMap<string, readonly Sent[]>): void {
  const roster = rosterOf(log)
  const last = Math.max(...announced.map(({ entry }) => entry.seq))
  for (const [key, [ack]] of acks) expect(last, `${key} was announced`).toBeGreaterThanOrEqual((ack as Sent).seq)
  for (const { entry, recipients } of announced) {
    const entitled = roster.entitledTo(entry.seq)
    for (const userId of recipients) expect(entitled.has(userId), `${userId} gets ${entry.seq}`).toBe(true)
  }
}
