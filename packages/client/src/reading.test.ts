import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { describe, expect, it } from 'vitest'
import { SimServer } from './testing/sim-server.ts'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, crew, SimWorld, talk } from './testing/sim-world.ts'

describe('what was delivered', () => {
  const delivered = ({ server }: SimWorld, id = talk) => server.delivered.get(`${id} ${amina}`)

  it('[L8] is told after a restart when a crash came before the telling', async () => {
    const world = new SimWorld(28)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(1_000)
    world.say(talk, bjorn, '潮位表を送りました 🌊')
    await world.clock.until(() => life.reported.get(talk)?.length === 2)
    await world.clock.run(100)
    life.crash()
    // Long enough that no resume names the conversation.
    await world.clock.run(3_600_000)
    expect(delivered(world)).toBeUndefined()
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(5_000)
    expect(delivered(world)).toBe(2)
  })

  it('is told of a person at once, and of a group once in as long as its members are shown it', async () => {
    const world = new SimWorld(41)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const told = (id: ConversationId) =>
      world.server.heard.filter((frame) => frame.type === 'ack' && frame.conversationId === id && frame.status === 'delivered').length
    for (let n = 0; n < 20; n++) {
      world.say(crew, bjorn, `Treffpunkt ${n}: am Deich`)
      await world.clock.run(200)
    }
    await world.clock.run(2_000)
    expect([delivered(world, crew), told(crew)]).toEqual([21, 4])
    world.say(talk, bjorn, 'Moin! Kommst du mit?')
    world.say(crew, bjorn, 'Um sechs ist Niedrigwasser')
    await world.clock.run(limits.cursorFlushIntervalMs + 200)
    expect([told(talk), told(crew)]).toEqual([1, 5])
  })

  it('[L8] is told again, as reading is, when the server could not store it', async () => {
    const world = new SimWorld(37)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.say(talk, bjorn, 'Der Speicher ist voll, sagt der Server 💾')
    world.server.receive = (session, frame) => {
      if (frame.type !== 'ack') SimServer.prototype.receive.call(world.server, session, frame)
      else session.send({ type: 'error', code: 'STORAGE_FULL', message: 'disk full', conversationId: frame.conversationId })
    }
    await world.clock.until(() => life.reported.get(talk)?.length === 2)
    life.client.conversation(talk).markRead(2)
    await world.clock.run(5_000)
    expect(delivered(world)).toBeUndefined()
    world.server.receive = SimServer.prototype.receive
    await world.clock.run(60_000)
    expect([delivered(world), world.server.reads.get(`${talk} ${amina}`)]).toEqual([2, 2])
    expect(life.client.connection.get().status).toBe('online')
  })

  it('[L8] is told again after a connection swallowed it, and only until a heartbeat has proven that it arrived', async () => {
    const world = new SimWorld(29)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(1_000)
    world.say(talk, bjorn)
    await world.clock.until(() => life.reported.get(talk)?.length === 2)
    const { latency } = world.net
    world.net.latency = () => 60_000
    await world.clock.run(1_000)
    world.net.cut()
    world.net.latency = latency
    life.crash()
    await world.clock.run(3_600_000)
    expect(delivered(world)).toBeUndefined()
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(90_000)
    expect(delivered(world)).toBe(2)
    expect([...disk.values.keys()].filter((key) => key.startsWith('a/'))).toEqual([])
    next.crash()
    await world.clock.run(3_600_000)
    world.server.heard.length = 0
    const last = world.live(amina, disk)
    void last.client.connect()
    await world.clock.run(5_000)
    expect(world.server.heard.filter(({ type }) => type === 'ack')).toEqual([])
  })
})

describe('unread and reading', () => {
  it('[L8] deletions, own messages, edits and reactions never make it wrong', async () => {
    const world = new SimWorld(16)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const { seq } = world.say(talk, bjorn, 'wrong channel, sorry')
    world.say(talk, bjorn)
    world.server.append(talk, bjorn, 'm1', { kind: 'message', text: '@amina look', mentions: [amina] })
    world.server.append(talk, bjorn, 'd1', { kind: 'delete', target: seq })
    world.server.append(talk, bjorn, 'r1', { kind: 'reaction', target: seq + 1, emoji: '👀', on: true })
    await world.clock.run(500)
    expect(life.client.unread.get()).toEqual({ messages: 2, conversations: 1, mentions: 1 })
    world.expectSame(life, amina)
    life.client.conversation(talk).markRead(seq + 1)
    expect(life.client.unread.get()).toEqual({ messages: 1, conversations: 1, mentions: 1 })
    life.client.conversation(talk).markRead(seq + 4)
    expect(life.client.unread.get()).toEqual({ messages: 0, conversations: 0, mentions: 0 })
  })

  it('[L8] reading offline reaches the server, and other devices, later', async () => {
    const world = new SimWorld(17)
    const disk = new SimDisk()
    const phone = world.live(amina, disk)
    const laptop = world.live(amina)
    void phone.client.connect()
    void laptop.client.connect()
    world.say(talk, bjorn)
    await world.clock.run(2_000)
    world.net.down = true
    world.net.cut()
    phone.client.conversation(talk).markRead(2)
    await world.clock.run(1_000)
    phone.crash()
    world.net.down = false
    const again = world.live(amina, disk)
    void again.client.connect()
    await world.clock.run(60_000)
    expect(world.server.reads.get(`${talk} ${amina}`)).toBe(2)
    world.expectSame(again, amina)
    world.expectSame(laptop, amina)
    expect([...disk.values.keys()].filter((key) => key.startsWith('r/'))).toEqual([])
  })

  it('[L8] reading while the resume is under way reaches the server too', async () => {
    const world = new SimWorld(20)
    const { client } = world.live(amina)
    void client.connect()
    world.say(talk, bjorn)
    await world.clock.run(2_000)
    world.net.cut()
    // The resume has left, and its answer is not here.
    const ending = client.on('connection', ({ connection }) => {
      if (connection.status === 'online' && connection.syncing) client.conversation(talk).markRead(2)
    })
    await world.clock.run(60_000)
    ending()
    expect(world.server.reads.get(`${talk} ${amina}`)).toBe(2)
  })

  it('[L8] a cursor never goes back over a restart, and the cache shows it before the network answers', async () => {
    const world = new SimWorld(18)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    world.say(talk, bjorn)
    await world.clock.run(2_000)
    life.client.conversation(talk).markRead(2)
    await world.clock.run(5_000)
    void life.client.close()
    await world.clock.run(1_000)
    const again = world.live(amina, disk)
    void again.client.load()
    await world.clock.run(1_000)
    expect(again.client.conversation(talk).row.get()).toMatchObject({ read: 2, unread: 0 })
  })
})
