import { describe, expect, it } from 'vitest'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, chen, crew, SimWorld, talk } from './testing/sim-world.ts'

describe('what is late or odd', () => {
  it('[L1] the ack of a message that was taken back brings its entry all the same', async () => {
    const world = new SimWorld(18)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const conversation = life.client.conversation(talk)
    const { clientMsgId } = conversation.send({ text: 'ups' })
    await world.clock.until(() => life.client.outbox.get()[0]?.delivery === 'sending', 100)
    const [session] = world.server.sessions
    session?.send({ type: 'error', code: 'FORBIDDEN', message: 'no', conversationId: talk, clientMsgId })
    await world.clock.until(() => life.client.outbox.get()[0]?.delivery !== 'sending', 1_000)
    if (life.client.outbox.get().length > 0) conversation.discard(clientMsgId)
    await world.clock.run(1_000)
    world.expectComplete(life, amina)
  })

  it('a frame, a kind and an error from a newer server do no harm', async () => {
    const world = new SimWorld(19)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const [session] = world.server.sessions
    session?.send({ type: 'weather', wind: 'NW 5' } as never)
    session?.send({ type: 'error', code: 'TIDE_TOO_HIGH', message: 'come back at low tide' })
    world.server.append(talk, bjorn, 'poll-1', { kind: 'poll', options: ['6:40', '7:10'] } as never)
    world.say(talk, bjorn)
    await world.clock.run(1_000)
    world.expectComplete(life, amina)
    life.client.conversation(talk).timeline.subscribe(() => {})
    await world.clock.run(1_000)
    expect(
      life.client
        .conversation(talk)
        .timeline.get()
        .items.map(({ seq }) => seq),
    ).toEqual([1, 3])
    expect(life.client.connection.get().status).toBe('online')
  })

  it('typing shows while it is said, and ends by itself', async () => {
    const world = new SimWorld(20)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const { typists } = life.client.conversation(talk)
    for (const session of world.server.sessions) session.send({ type: 'typing', conversationId: talk, userId: bjorn, on: true })
    await world.clock.run(1_000)
    expect(typists.get()).toEqual([bjorn])
    await world.clock.run(6_000)
    expect(typists.get()).toEqual([])
  })

  it('watches what is on the screen, again after a new connection, and nothing when it is not', async () => {
    const world = new SimWorld(21)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const stop = life.client.conversation(talk).watch()
    await world.clock.run(100)
    world.net.cut()
    await world.clock.run(5_000)
    stop()
    await world.clock.run(100)
    expect(world.server.heard.filter(({ type }) => type === 'watch')).toEqual([
      { type: 'watch', conversations: [talk] },
      { type: 'watch', conversations: [talk] },
      { type: 'watch', conversations: [] },
    ])
  })

  it('a session of another user finds an empty store', async () => {
    const world = new SimWorld(22)
    const disk = new SimDisk()
    const first = world.live(amina, disk)
    void first.client.connect()
    await world.clock.run(1_000)
    first.client.conversation(talk).setDraft({ text: 'only for' })
    await world.clock.run(1_000)
    first.crash()
    const second = world.live(chen, disk)
    void second.client.connect()
    await world.clock.run(2_000)
    expect(second.client.conversations.get().map(({ conversationId }) => conversationId)).toEqual([crew])
    expect(second.client.conversation(talk).draft.get()).toBeNull()
  })

  it('signing out forgets everything', async () => {
    const world = new SimWorld(23)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(1_000)
    void life.client.signOut()
    await world.clock.run(2_000)
    expect(disk.values.size).toBe(0)
    expect(life.client.connection.get()).toMatchObject({ status: 'signed-out', reason: 'signed-out' })
  })
})

describe('the conversation list', () => {
  it('[L8] those of the same moment stand in the order of the server: by falling id', async () => {
    const world = new SimWorld(19)
    const { client } = world.live(amina)
    void client.connect()
    await world.clock.run(2_000)
    const rows = client.conversations.get()
    expect(new Set(rows.map(({ lastActivityAt }) => lastActivityAt)).size).toBe(1)
    expect(rows.map(({ conversationId }) => conversationId)).toEqual([crew, talk])
  })
})
