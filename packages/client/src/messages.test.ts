import type { ErrorCode } from '@godwit/protocol/errors.ts'
import type { ClientMsgId, ConversationId } from '@godwit/protocol/ids.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import { describe, expect, it } from 'vitest'
import { noFaults, SimServer, type SimSession } from './testing/sim-server.ts'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, chen, crew, SimWorld, talk } from './testing/sim-world.ts'

describe('the way of a message', () => {
  it('[L4] a send shows at once, is acked, and is in the log once', async () => {
    const world = new SimWorld(1)
    const disk = new SimDisk()
    const { client, ...life } = world.live(amina, disk)
    const connected = client.connect()
    await world.clock.until(() => client.connection.get().status === 'online')
    await world.clock.run(500)
    await connected
    const timeline = client.conversation(talk).timeline
    const stop = timeline.subscribe(() => {})
    const sending = client.conversation(talk).send({ text: 'Fog until nine; start at the north hide?', mentions: [bjorn] })
    expect(timeline.get().items.at(-1)).toMatchObject({ key: sending.clientMsgId, seq: null, delivery: 'queued' })
    expect(world.server.heard.filter(({ type }) => type === 'message')).toEqual([])
    await world.clock.until(() => timeline.get().items.at(-1)?.delivery === 'sending', 100)
    expect([...disk.values.keys()].filter((key) => key.startsWith('o/'))).toHaveLength(1)
    await world.clock.run(1_000)
    expect(await sending.acked).toMatchObject({ seq: 2, conversationId: talk })
    expect(timeline.get().items.at(-1)).toMatchObject({ key: sending.clientMsgId, seq: 2, delivery: 'sent' })
    expect(client.outbox.get()).toEqual([])
    world.expectComplete({ client, ...life }, amina)
    stop()
  })

  it('[L6] entries of others come once, in order, however the frames come', async () => {
    const world = new SimWorld(2)
    world.server.faults = { ...noFaults, lose: 0.2, double: 0.3, delay: 0.3 }
    const life = world.live(amina)
    void life.client.connect()
    for (let i = 0; i < 60; i++) {
      world.say(world.clock.pick([talk, crew]), bjorn)
      await world.clock.run(world.clock.random() * 300)
    }
    world.server.faults = { ...world.server.faults, lose: 0 }
    await world.clock.run(60_000)
    world.expectComplete(life, amina)
    world.expectSame(life, amina)
  })

  it('[L6] a device that first connects at the end gets everything', async () => {
    const world = new SimWorld(3)
    for (let i = 0; i < 450; i++) world.say(talk, bjorn)
    const life = world.live(amina)
    const connected = life.client.connect()
    await world.clock.run(10_000)
    await connected
    world.expectComplete(life, amina)
    world.expectSame(life, amina)
  })

  it('[L7] what happened while away is reported when back, and only that', async () => {
    const world = new SimWorld(4)
    const disk = new SimDisk()
    const first = world.live(amina, disk)
    void first.client.connect()
    await world.clock.run(1_000)
    world.say(talk, bjorn, 'Counted 214, two with flags')
    await world.clock.run(1_000)
    void first.client.close()
    await world.clock.run(1_000)
    for (let i = 0; i < 300; i++) world.say(crew, chen)
    await world.clock.run(3_600_000)
    const second = world.live(amina, disk)
    void second.client.connect()
    await world.clock.run(10_000)
    expect(second.reported.get(talk)).toBeUndefined()
    expect(second.reported.get(crew)?.map(({ entry }) => entry.seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 2))
    world.expectSame(second, amina)
  })

  it('[L6] an answer that comes after the close reports nothing: the next life of the device does, once', async () => {
    const world = new SimWorld(6)
    const disk = new SimDisk()
    const first = world.live(amina, disk)
    void first.client.connect()
    await world.clock.run(1_000)
    void first.client.close()
    await world.clock.run(1_000)
    world.say(crew, chen, 'The hide is taken; we are on the dyke')
    void first.client.conversation(crew).setFlags({ muted: true })
    await world.clock.run(1_000)
    const second = world.live(amina, disk)
    void second.client.connect()
    await world.clock.run(10_000)
    const told = [first, second].flatMap(({ reported }) => (reported.get(crew) ?? []).map(({ entry }) => entry.seq))
    expect(told).toEqual([1, 2])
  })

  it('the list and the last messages paint before the network answers', async () => {
    const world = new SimWorld(5)
    const disk = new SimDisk()
    const first = world.live(amina, disk)
    void first.client.connect()
    for (let i = 0; i < 10; i++) world.say(talk, bjorn)
    await world.clock.run(2_000)
    void first.client.close()
    await world.clock.run(1_000)
    world.net.down = true
    const second = world.live(amina, disk)
    void second.client.connect()
    const { timeline, row } = second.client.conversation(talk)
    timeline.subscribe(() => {})
    await world.clock.run(300)
    expect(row.get()).toMatchObject({ unread: 10, head: 11 })
    expect(timeline.get().items).toHaveLength(11)
    expect(second.client.conversations.get().map(({ conversationId }) => conversationId)).toEqual([crew, talk])
  })

  it('[L6] a removed member keeps what they saw, and after coming back gets the rest', async () => {
    const world = new SimWorld(6)
    const life = world.live(chen)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.remove(crew, amina, chen)
    await world.clock.run(1_000)
    expect(life.client.conversation(crew).row.get()?.role).toBeNull()
    for (let i = 0; i < 5; i++) world.say(crew, bjorn)
    await world.clock.run(1_000)
    world.server.add(crew, amina, chen)
    world.say(crew, bjorn)
    await world.clock.run(5_000)
    world.expectComplete(life, chen, [crew])
    expect(life.client.conversation(crew).row.get()).toMatchObject({ role: 'member', memberCount: 3 })
  })

  it('[L6] an opened history is reported late, each entry once', async () => {
    const world = new SimWorld(7)
    for (let i = 0; i < 230; i++) world.say(crew, bjorn)
    world.server.add(crew, amina, 'u_dewi')
    const life = world.live('u_dewi')
    void life.client.connect()
    await world.clock.run(2_000)
    expect(life.reported.get(crew)?.map(({ entry }) => entry.seq)).toEqual([232])
    world.server.openHistory(crew, amina)
    await world.clock.run(5_000)
    const seqs = life.reported.get(crew)?.map(({ entry }) => entry.seq) ?? []
    expect(seqs.slice(0, 2)).toEqual([232, 233])
    expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 233 }, (_, i) => i + 1))
  })

  it('[L3] what is refused while another copy is under way is not refused: the last answer counts', async () => {
    const world = new SimWorld(20)
    const { client } = world.live(amina)
    void client.connect()
    await world.clock.run(1_000)
    const held: UpFrame[] = []
    world.server.receive = (session, frame) => {
      if (frame.type === 'message') held.push(frame)
      else SimServer.prototype.receive.call(world.server, session, frame)
    }
    const first = client.conversation(talk).send({ text: 'Is the causeway open?' })
    const second = client.conversation(talk).send({ text: 'I would be there at six' })
    await world.clock.run(100)
    const [session] = world.server.sessions
    const refuse = (code: ErrorCode, clientMsgId: ClientMsgId) =>
      session?.send({ type: 'error', code, message: '', conversationId: talk, clientMsgId })
    refuse('RETRY_IN_ORDER', second.clientMsgId)
    await world.clock.run(2_000)
    expect(held).toHaveLength(4)
    refuse('FORBIDDEN', first.clientMsgId)
    await world.clock.run(100)
    expect(client.outbox.get()[0]).toMatchObject({ clientMsgId: first.clientMsgId, delivery: 'sending', failure: null })
    for (const frame of held.slice(2)) SimServer.prototype.receive.call(world.server, session as SimSession, frame)
    await world.clock.run(1_000)
    expect(await first.acked).toMatchObject({ seq: 2 })
    expect(await second.acked).toMatchObject({ seq: 3 })
    expect(client.outbox.get()).toEqual([])
  })

  it('[L3] what is refused in every copy is refused', async () => {
    const world = new SimWorld(21)
    const { client } = world.live(amina)
    void client.connect()
    await world.clock.run(1_000)
    world.server.receive = (session, frame) => {
      if (frame.type !== 'message') SimServer.prototype.receive.call(world.server, session, frame)
    }
    const sending = client.conversation(talk).send({ text: 'Is the causeway open?' })
    const refused = expect(sending.acked).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await world.clock.run(30_000)
    const [session] = world.server.sessions
    const refuse = () =>
      session?.send({ type: 'error', code: 'FORBIDDEN', message: '', conversationId: talk, clientMsgId: sending.clientMsgId })
    refuse()
    await world.clock.run(100)
    expect(client.outbox.get()).toMatchObject([{ delivery: 'sending' }])
    refuse()
    await world.clock.run(100)
    await refused
    expect(client.outbox.get()).toMatchObject([{ delivery: 'failed' }])
  })

  it('[L5] thirty messages for a group that their sender is out of are all refused soon: no wait grows from one to the next', async () => {
    const world = new SimWorld(22)
    const { client } = world.live(chen)
    void client.connect()
    await world.clock.run(1_000)
    await client.close()
    world.server.remove(crew, amina, chen)
    const refused = Array.from({ length: 30 }, (_, i) => {
      const { acked } = client.conversation(crew).send({ text: `Transect ${i + 1}: ${3 * i} dunlin, ${i % 4} knots, rising tide` })
      return expect(acked).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })
    void client.connect()
    // A round trip and a first wait each, of 250 ms at most.
    await world.clock.run(15_000)
    expect(client.outbox.get().map(({ delivery }) => delivery)).toEqual(refused.map(() => 'failed'))
    await Promise.all(refused)
  })

  it('[T15] forty messages in each of eight groups that their sender is out of go out one after another, and what may be said goes on', async () => {
    const world = new SimWorld(23)
    const groups = Array.from({ length: 8 }, (_, n): ConversationId => `c_00transect${n}`)
    for (const id of groups) world.server.create(id, 'group', [amina, chen], 'Wader survey')
    const { client } = world.live(chen)
    void client.connect()
    await world.clock.run(1_000)
    await client.close()
    for (const id of groups) world.server.remove(id, amina, chen)
    for (let n = 0; n < 40; n++)
      for (const id of groups)
        client
          .conversation(id)
          .send({ text: `${3 * n} dunlin, ${n % 4} knots` })
          .acked.catch(() => {})
    await world.clock.run(10)
    world.server.heard.length = 0
    void client.connect()
    await world.clock.run(2_000)
    const good = client.conversation(crew).send({ text: 'Back at the car, all wet' })
    await world.clock.run(28_000)
    expect(await good.acked).toMatchObject({ conversationId: crew })
    expect(client.outbox.get().every(({ delivery }) => delivery === 'failed')).toBe(true)
    // Once each, and those that were under way with the first refusal once more.
    expect(world.server.heard.filter(({ type }) => type === 'message').length).toBeLessThan(2 * 8 * 40)
  })
})
