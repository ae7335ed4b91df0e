import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noFaults } from './testing/sim-server.ts'
import { SimDisk } from './testing/sim-store.ts'
import { SimTabs } from './testing/sim-tabs.ts'
import { amina, bjorn, chen, crew, type Life, lines, SimWorld, talk } from './testing/sim-world.ts'

/** A failing seed is printed by fast-check; put it here with what it showed. */
const runs = { numRuns: 30, endOnFailure: true, examples: [] as [number][] }
const seeds = fc.integer({ min: 1, max: 2 ** 31 })
const faults = { lose: 0.15, double: 0.15, delay: 0.2, refuse: 0.1, loseAck: 0.1, losePush: 0.3 }

interface Sent {
  readonly conversationId: ConversationId
  readonly clientMsgId: ClientMsgId
  stored: boolean
}

/** A burst now and then, so that commands are pipelined. */
function act(world: SimWorld, life: Life, userId: UserId, sent: Sent[]): void {
  for (let i = world.clock.chance(0.2) ? 5 : 1; i > 0; i--) actOnce(world, life, userId, sent)
}

/** Something that people do. */
function actOnce(world: SimWorld, { client }: Life, userId: UserId, sent: Sent[]): void {
  const id = world.clock.pick([talk, crew])
  const conversation = client.conversation(id)
  const messages = conversation.timeline.get().items.filter(({ content }) => content.kind === 'message')
  const target = messages.length > 0 ? world.clock.pick(messages).seq : null
  const dice = world.clock.random()
  const newest = world.server.conversation(id).log.findLast(({ kind }) => kind === 'message')?.seq ?? 1
  if (dice < 0.1) {
    // On and off: a page that has both must not be given the first of them again.
    world.server.append(id, bjorn, `r${world.clock.random()}`, { kind: 'reaction', target: newest, emoji: '👍', on: true })
    if (world.clock.chance(0.7))
      world.server.append(id, bjorn, `r${world.clock.random()}`, { kind: 'reaction', target: newest, emoji: '👍', on: false })
  } else if (dice < 0.2) world.say(id, world.clock.pick([bjorn, chen]))
  else if (dice < 0.25 && target) world.server.append(id, bjorn, `p${world.clock.random()}`, { kind: 'delete', target })
  else if (dice < 0.3 && target) conversation.markRead(target)
  // On another device, by the peer, and a flag.
  else if (dice < 0.33) world.server.read(userId, id, newest)
  else if (dice < 0.36) world.server.read(bjorn, id, newest)
  else if (dice < 0.38)
    world.server.setFlags(userId, id, {
      muted: world.clock.chance(0.5),
      archived: world.clock.chance(0.5),
      pinned: world.clock.chance(0.5),
    })
  else {
    const sending =
      dice < 0.7 || !target
        ? conversation.send({ text: world.clock.pick(lines), mentions: [userId] })
        : dice < 0.8
          ? conversation.edit(target, world.clock.pick(lines))
          : dice < 0.85
            ? conversation.delete(target)
            : conversation.react(target, world.clock.pick(['👍', '🐦', '❤️']), world.clock.chance(0.6))
    const one: Sent = { conversationId: id, clientMsgId: sending.clientMsgId, stored: false }
    sent.push(one)
    sending.stored.then(
      () => {
        one.stored = true
      },
      () => {},
    )
  }
}

function expectSentOnceInOrder(world: SimWorld, userId: UserId, sent: readonly Sent[]): void {
  world.expectNoDoubles()
  for (const id of [talk, crew]) {
    const mine = world.server
      .conversation(id)
      .log.filter(({ senderId, kind }) => senderId === userId && kind !== 'created')
      .map(({ clientMsgId }) => clientMsgId)
    const stored = sent.filter(({ conversationId, stored }) => conversationId === id && stored).map(({ clientMsgId }) => clientMsgId)
    expect(mine).toEqual(expect.arrayContaining(stored))
    const order = sent.filter(({ conversationId, clientMsgId }) => conversationId === id && mine.includes(clientMsgId))
    expect(mine).toEqual(order.map(({ clientMsgId }) => clientMsgId))
  }
}

describe('a network that drops, delays, doubles and reorders', () => {
  it('[L3][L5][L6] every send is in the log once, in order; every entry is reported once, in order; all views agree', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const world = new SimWorld(seed)
        world.server.faults = faults
        world.net.loseRequests = 0.1
        const life = world.live(amina)
        const other = world.live(amina)
        for (const { client } of [life, other]) {
          void client.connect().catch(() => {})
          for (const id of [talk, crew]) client.conversation(id).timeline.subscribe(() => {})
        }
        const sent: Sent[] = []
        await world.clock.run(2_000)
        for (let i = 0; i < 60; i++) {
          act(world, life, amina, sent)
          if (world.clock.chance(0.08)) world.net.cut()
          await world.clock.run(world.clock.random() * 800)
        }
        world.server.faults = noFaults
        world.net.loseRequests = 0
        await world.clock.until(() => life.client.outbox.get().length === 0)
        await world.clock.run(120_000)
        expectSentOnceInOrder(world, amina, sent)
        for (const one of [life, other]) {
          world.expectComplete(one, amina)
          world.expectSame(one, amina)
        }
      }),
      runs,
    )
  }, 600_000)

  it('[L6] the same over long polling', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const world = new SimWorld(seed)
        world.server.faults = faults
        world.net.loseRequests = 0.1
        const life = world.live(amina, new SimDisk(), { transport: 'poll' })
        void life.client.connect().catch(() => {})
        const sent: Sent[] = []
        await world.clock.run(2_000)
        for (let i = 0; i < 40; i++) {
          act(world, life, amina, sent)
          if (world.clock.chance(0.05)) world.net.cut()
          await world.clock.run(world.clock.random() * 800)
        }
        world.server.faults = noFaults
        world.net.loseRequests = 0
        await world.clock.until(() => life.client.outbox.get().length === 0)
        await world.clock.run(120_000)
        expectSentOnceInOrder(world, amina, sent)
        world.expectComplete(life, amina)
      }),
      { ...runs, numRuns: 10 },
    )
  }, 600_000)
})

describe('crashes with a durable store', () => {
  it('[L3][L5] what was stored is sent once and in order; entries go on where the crash was, none skipped', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const world = new SimWorld(seed)
        world.server.faults = { ...faults, lose: 0.05 }
        const disk = new SimDisk()
        const sent: Sent[] = []
        const reported = new Map<ConversationId, number[][]>()
        for (let crash = 0; crash < 6; crash++) {
          const life = world.live(amina, disk)
          void life.client.connect().catch(() => {})
          for (let i = 0; i < 12; i++) {
            await world.clock.run(world.clock.random() * 300)
            act(world, life, amina, sent)
          }
          // In the middle of anything: a request, a write, a frame.
          await world.clock.run(world.clock.random() * 60)
          life.crash()
          for (const [id, entries] of life.reported) reported.set(id, [...(reported.get(id) ?? []), entries.map(({ entry }) => entry.seq)])
        }
        world.server.faults = noFaults
        const last = world.live(amina, disk)
        void last.client.connect().catch(() => {})
        await world.clock.run(600_000)
        expect(last.client.outbox.get().filter(({ delivery }) => delivery !== 'failed')).toEqual([])
        expectSentOnceInOrder(world, amina, sent)
        world.expectSame(last, amina)
        for (const id of [talk, crew]) {
          const lives = [...(reported.get(id) ?? []), last.reported.get(id)?.map(({ entry }) => entry.seq) ?? []]
          let reached = 0
          for (const seqs of lives.filter(({ length }) => length > 0)) {
            const [from = 0] = seqs
            // What was not noted in the store yet is reported once more, nothing is left out.
            expect(from).toBeLessThanOrEqual(reached + 1)
            expect(seqs).toEqual(seqs.map((_, i) => from + i))
            reached = Math.max(reached, seqs.at(-1) ?? 0)
          }
          expect(reached).toBe(world.server.entitled(id, amina).length)
        }
      }),
      runs,
    )
  }, 600_000)
})

describe('two tabs of one device', () => {
  it('[L3][L5] share one outbox: one of them sends, and the other goes on when it is gone', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const world = new SimWorld(seed)
        world.server.faults = faults
        const disk = new SimDisk()
        const browser = new SimTabs()
        const tabs = [0, 1].map((n) => ({ n, tabs: browser.tab() }))
        const lives = tabs.map(({ tabs }) => world.live(amina, disk, {}, tabs))
        for (const { client } of lives) void client.connect().catch(() => {})
        await world.clock.run(1_000)
        const sent: Sent[][] = [[], []]
        for (let i = 0; i < 40; i++) {
          const n = world.clock.chance(0.5) ? 1 : 0
          act(world, lives[n] as Life, amina, sent[n] as Sent[])
          if (world.clock.chance(0.05)) world.net.cut()
          await world.clock.run(world.clock.random() * 400)
        }
        lives[0]?.crash()
        browser.crash(tabs[0]?.tabs)
        world.server.faults = noFaults
        await world.clock.run(120_000)
        const left = lives[1] as Life
        expect(left.client.outbox.get().filter(({ delivery }) => delivery !== 'failed')).toEqual([])
        world.expectNoDoubles()
        for (const one of sent.flat().filter(({ stored }) => stored)) {
          const { log } = world.server.conversation(one.conversationId)
          expect(log.filter(({ clientMsgId }) => clientMsgId === one.clientMsgId)).toHaveLength(1)
        }
        world.expectComplete(left, amina)
        world.expectSame(left, amina)
      }),
      runs,
    )
  }, 600_000)
})
