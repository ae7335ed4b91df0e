import { clientLimits } from '@godwit/protocol/client-limits.ts'
import { describe, expect, it } from 'vitest'
import { amina, bjorn, chen, crew, type Life, SimWorld, talk } from './testing/sim-world.ts'

async function online(world: SimWorld, life: Life): Promise<void> {
  void life.client.connect().catch(() => {})
  await world.clock.until(() => {
    const connection = life.client.connection.get()
    return connection.status === 'online' && !connection.syncing
  })
}

const seqs = (life: Life, id = talk) =>
  life.client
    .conversation(id)
    .timeline.get()
    .items.map(({ seq }) => seq)
const rising = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('the timeline', () => {
  it('starts at the present, pages back to the first entry, and follows what comes', async () => {
    const world = new SimWorld(1)
    for (let i = 0; i < 200; i++) world.say(talk, bjorn)
    const life = world.live(amina, undefined, { since: 'now' })
    await online(world, life)
    const { timeline } = life.client.conversation(talk)
    timeline.subscribe(() => {})
    await world.clock.run(1_000)
    expect(timeline.get()).toMatchObject({ atPresent: true, hasOlder: true, loading: null })
    while (timeline.get().hasOlder) {
      void timeline.loadOlder()
      await world.clock.run(500)
    }
    world.say(talk, bjorn)
    await world.clock.run(500)
    expect(seqs(life)).toEqual(rising(1, 202))
  })

  it('jumps to a seq, and pages from there to the present without a gap while new ones arrive', async () => {
    const world = new SimWorld(2)
    for (let i = 0; i < 400; i++) world.say(talk, bjorn)
    const life = world.live(amina, undefined, { since: 'now' })
    await online(world, life)
    const { timeline } = life.client.conversation(talk)
    timeline.subscribe(() => {})
    void timeline.jumpTo(120)
    await world.clock.run(1_000)
    expect(seqs(life)).toContain(120)
    expect(timeline.get()).toMatchObject({ atPresent: false, hasOlder: true, hasNewer: true })
    const from = seqs(life)[0] ?? 0
    while (timeline.get().hasNewer) {
      void timeline.loadNewer()
      world.say(talk, bjorn)
      await world.clock.run(100)
    }
    const head = world.server.conversation(talk).log.length
    await world.clock.run(2_000)
    expect(seqs(life)).toEqual(rising(from, head))
    expect(timeline.get().atPresent).toBe(true)
  })

  it('holds a bounded number of rows', async () => {
    const world = new SimWorld(3)
    for (let i = 0; i < 1_500; i++) world.say(talk, bjorn)
    const life = world.live(amina, undefined, { since: 'now' })
    await online(world, life)
    const { timeline } = life.client.conversation(talk)
    timeline.subscribe(() => {})
    await world.clock.run(1_000)
    while (timeline.get().hasOlder) {
      void timeline.loadOlder()
      await world.clock.run(500)
    }
    expect(seqs(life)).toEqual(rising(1, 1_000))
    expect(timeline.get().atPresent).toBe(false)
    void timeline.toPresent()
    await world.clock.run(1_000)
    expect(seqs(life).at(-1)).toBe(1_501)
  })

  it('shows an edit, a reaction and a deletion at once, and the same when the log has them', async () => {
    const world = new SimWorld(4)
    const life = world.live(amina)
    await online(world, life)
    const conversation = life.client.conversation(talk)
    conversation.timeline.subscribe(() => {})
    const sent = conversation.send({ text: 'Meet at the north hide' })
    await world.clock.run(500)
    const { seq } = await sent.acked
    const row = () => conversation.timeline.get().items.at(-1)
    const edit = conversation.edit(seq, 'Meet at the south hide')
    const like = conversation.react(seq, '👍', true)
    expect(row()).toMatchObject({ content: { text: 'Meet at the south hide' }, edited: true, pendingChange: true })
    expect(row()?.reactions).toMatchObject([{ emoji: '👍', by: [{ userId: amina }] }])
    await world.clock.run(1_000)
    await Promise.all([edit.acked, like.acked])
    expect(row()).toMatchObject({ content: { text: 'Meet at the south hide' }, edited: true, pendingChange: false })
    conversation.delete(seq)
    expect(row()?.deleted).toEqual({ by: amina })
    await world.clock.run(1_000)
    expect(row()).toMatchObject({ deleted: { by: amina }, pendingChange: false })
  })

  it('keeps the reference of rows that have not changed', async () => {
    const world = new SimWorld(5)
    const life = world.live(amina)
    await online(world, life)
    const { timeline } = life.client.conversation(crew)
    timeline.subscribe(() => {})
    for (let i = 0; i < 5; i++) world.say(crew, chen)
    await world.clock.run(1_000)
    const before = timeline.get()
    expect(timeline.get()).toBe(before)
    world.say(crew, chen)
    world.server.append(crew, bjorn, 'r', { kind: 'reaction', target: 3, emoji: '🌊', on: true })
    await world.clock.run(1_000)
    const after = timeline.get().items
    expect(before.items.map((item, i) => item === after[i])).toEqual([true, true, false, true, true, true])
  })

  it('a refused message stays with its reason, and goes with Retry or Delete', async () => {
    const world = new SimWorld(6)
    const life = world.live(chen)
    await online(world, life)
    const conversation = life.client.conversation(crew)
    conversation.timeline.subscribe(() => {})
    world.server.faults = { ...world.server.faults, lose: 1 }
    world.server.remove(crew, amina, chen)
    const sent = conversation.send({ text: 'can you hear me?' })
    const refused = expect(sent.acked).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await world.clock.run(1_000)
    await refused
    expect(conversation.timeline.get().items.at(-1)).toMatchObject({ delivery: 'failed', failure: { code: 'FORBIDDEN' } })
    expect(conversation.row.get()?.failed).toBe(true)
    world.server.faults = { ...world.server.faults, lose: 0 }
    world.server.add(crew, amina, chen)
    conversation.retry(sent.clientMsgId)
    await world.clock.run(1_000)
    expect(conversation.timeline.get().items.at(-1)).toMatchObject({ key: sent.clientMsgId, delivery: 'sent' })
    expect(conversation.row.get()?.failed).toBe(false)
  })

  it('what is a day old asks before it goes out', async () => {
    const world = new SimWorld(7)
    const life = world.live(amina)
    await online(world, life)
    world.net.down = true
    world.net.cut()
    const conversation = life.client.conversation(talk)
    const sent = conversation.send({ text: 'On my way!' })
    await world.clock.run(25 * 3_600_000)
    world.net.down = false
    await world.clock.run(60_000)
    expect(life.client.outbox.get()).toMatchObject([{ delivery: 'failed', failure: { code: 'STALE' } }])
    conversation.discard(sent.clientMsgId)
    expect(life.client.outbox.get()).toEqual([])
    expect(world.server.conversation(talk).log).toHaveLength(1)
  })

  it('[L9] refuses one more when too many wait to be sent', async () => {
    const world = new SimWorld(37)
    const life = world.live(amina)
    void life.client.load()
    await world.clock.run(100)
    const conversation = life.client.conversation(talk)
    for (let i = 0; i < clientLimits.clientUnsentMax; i++) conversation.send({ text: `${i + 1} Knutts, Höhe Buhne 12` })
    expect(() => conversation.send({ text: 'und noch einer' })).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }))
    expect(life.client.outbox.get()).toHaveLength(clientLimits.clientUnsentMax)
  })

  it('refuses what could never be sent, before it is in the outbox', async () => {
    const world = new SimWorld(8)
    const life = world.live(amina)
    await online(world, life)
    const conversation = life.client.conversation(talk)
    expect(() => conversation.send({ text: '' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(() => conversation.send({ text: '\ud83d' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(() => conversation.send({ text: '漢'.repeat(6_000) })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    expect(() => conversation.delete(0)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(life.client.outbox.get()).toEqual([])
  })
})
