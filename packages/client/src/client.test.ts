import type { DownFrame } from '@godwit/protocol/down.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { describe, expect, it } from 'vitest'
import { noFaults, SimServer } from './testing/sim-server.ts'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, chen, crew, SimWorld, talk } from './testing/sim-world.ts'

/** What the server answers to each resume, from here on. */
function resumesOf({ server }: SimWorld): DownFrame[] {
  const resumed: DownFrame[] = []
  const { open } = server
  server.open = (userId, send, close) => {
    const hear = (frame: DownFrame) => {
      if (frame.type === 'resumed') resumed.push(frame)
      send(frame)
    }
    return open.call(server, userId, hear, close)
  }
  return resumed
}

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
})

describe('the connection', () => {
  it('falls back to long polling where the upgrade is refused, receipts and typing included', async () => {
    const world = new SimWorld(8)
    world.net.upgradeBlocked = true
    const life = world.live(amina)
    const connected = life.client.connect()
    await world.clock.run(3_000)
    await connected
    expect(life.client.connection.get()).toMatchObject({ status: 'online', transport: 'poll' })
    world.say(talk, bjorn)
    const sending = life.client.conversation(talk).send({ text: '今晚八点见' })
    await world.clock.run(3_000)
    await sending.acked
    life.client.conversation(talk).markRead(3)
    life.client.conversation(talk).setTyping(true)
    await world.clock.run(3_000)
    expect(world.server.reads.get(`${talk} ${amina}`)).toBe(3)
    expect(world.server.heard.filter(({ type }) => type === 'typing')).toHaveLength(1)
    world.expectComplete(life, amina)
  })

  it('[L7] a resume that a busy server refuses is asked for again', async () => {
    const world = new SimWorld(22)
    const { server } = world
    const receive = server.receive.bind(server)
    let refusals = 3
    server.receive = (session, frame) => {
      if (frame.type === 'resume' && refusals-- > 0) session.send({ type: 'error', code: 'OVERLOADED', message: 'The server is busy.' })
      else receive(session, frame)
    }
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(60_000)
    world.expectComplete(life, amina)
    expect(life.client.connection.get()).toMatchObject({ status: 'online', syncing: false })
  })

  it('a link that is cut before the first answer is no reason to poll', async () => {
    const world = new SimWorld(21)
    const { client } = world.live(amina)
    void client.connect()
    await world.clock.run(2_000)
    const transports = new Set<string>()
    let dials = 0
    const stop = client.on('connection', ({ connection }) => {
      if (connection.status === 'online') transports.add(connection.transport)
      // Each time one socket fails, and the next one works.
      if (connection.status === 'connecting') world.net.upgradeBlocked = ++dials % 2 === 1
    })
    for (let round = 0; round < 5; round++) {
      world.net.cut()
      await world.clock.run(10_000)
    }
    expect(dials).toBe(10)
    stop()
    expect([...transports]).toEqual(['websocket'])
    world.net.upgradeBlocked = true
    world.net.cut()
    await world.clock.run(60_000)
    expect(client.connection.get()).toMatchObject({ status: 'online', transport: 'poll' })
  })

  it('a crowd that is cut while a busy server has not greeted it yet does not take to polling, which would be a heavier burden', async () => {
    const world = new SimWorld(23)
    const { server } = world
    const { client } = world.live(amina)
    void client.connect()
    await world.clock.run(2_000)
    const open = server.open.bind(server)
    let cuts = 6
    server.open = (userId, send, close) => {
      const session = open(userId, send, close)
      if (cuts-- > 0) {
        server.sessions.delete(session)
        close(1006, '')
      }
      return session
    }
    const transports = new Set<string>()
    client.on('connection', ({ connection }) => connection.status === 'online' && transports.add(connection.transport))
    world.net.cut()
    await world.clock.run(120_000)
    expect(cuts).toBeLessThan(0)
    expect([...transports]).toEqual(['websocket'])
  })

  it('goes back to a socket when sockets are no longer blocked', async () => {
    const world = new SimWorld(9)
    world.net.upgradeBlocked = true
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(3_000)
    world.net.upgradeBlocked = false
    await world.clock.run(120_000)
    expect(life.client.connection.get()).toMatchObject({ status: 'online', transport: 'websocket' })
  })

  it('renews its token before it expires, and after the server refuses it', async () => {
    const world = new SimWorld(10)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(16 * 60_000)
    expect(world.server.heard.filter(({ type }) => type === 'auth')).toEqual([{ type: 'auth', token: `${amina}.2` }])
    world.net.expired.add(`${amina}.1`).add(`${amina}.2`)
    world.net.cut()
    await world.clock.run(60_000)
    expect(life.client.connection.get().status).toBe('online')
    expect(world.net.requests.filter((request) => request.endsWith('/refresh'))).toHaveLength(2)
  })

  it('renews its token once, also where its own clock says that it is late', async () => {
    const world = new SimWorld(38)
    const { now, setTimer, random, randomBytes } = world.clock
    const clock = { now: () => now() + 45_000, setTimer, random, randomBytes }
    const life = world.live(amina, new SimDisk(), { clock })
    void life.client.connect()
    await world.clock.run(14.5 * 60_000)
    expect(world.net.requests.filter((request) => request.endsWith('/v1/tokens/refresh'))).toHaveLength(1)
  })

  it('[L6] who comes back to a group counts its members right, though it is renamed while its row is fetched', async () => {
    const world = new SimWorld(40)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.remove(crew, bjorn, amina)
    await world.clock.run(1_000)
    world.server.remove(crew, bjorn, chen)
    const { fetch } = world.net
    world.net.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (!String(input).includes('/messages')) await world.clock.sleep(1_000)
      return answer
    }
    world.server.add(crew, bjorn, amina)
    await world.clock.run(800)
    world.server.conversation(crew).name = 'Nachtschicht 🌙'
    world.server.append(crew, bjorn, 'rename-1', { kind: 'renamed', name: 'Nachtschicht 🌙' })
    await world.clock.run(5_000)
    expect(life.client.conversation(crew).row.get()).toMatchObject({ name: 'Nachtschicht 🌙', memberCount: 2 })
  })

  it('[L6] what comes while the row of a new conversation is fetched does not wait for a heartbeat', async () => {
    const world = new SimWorld(39)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const { fetch } = world.net
    world.net.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      await world.clock.sleep(1_000)
      return answer
    }
    const id: ConversationId = 'c_00night-shift'
    world.server.create(id, 'direct', [bjorn, amina])
    await world.clock.run(500)
    world.say(id, bjorn, 'قبل المد بساعة؟ 🌊')
    await world.clock.run(5_000)
    expect(life.reported.get(id)?.map(({ entry }) => entry.seq)).toEqual([1, 2])
  })

  it('[L6] a heartbeat finds the last entry that was lost', async () => {
    const world = new SimWorld(11)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.faults = { ...world.server.faults, lose: 1 }
    world.say(talk, bjorn, 'Low tide at 14:52')
    await world.clock.run(31_000)
    world.expectComplete(life, amina)
  })

  it('[L7] a heartbeat finds own reading, flags and receipts whose push was lost', async () => {
    const world = new SimWorld(26)
    const life = world.live(amina)
    void life.client.connect()
    world.say(talk, bjorn, 'Die Fähre geht um neun ⛴️')
    await world.clock.run(60_000)
    world.server.faults = { ...noFaults, losePush: 1 }
    world.server.read(amina, talk, 2)
    world.server.read(bjorn, talk, 2)
    world.server.setFlags(amina, crew, { muted: true, archived: false, pinned: true })
    await world.clock.run(31_000)
    world.expectSame(life, amina)
    expect(life.client.unread.get().messages).toBe(0)
  })

  it('[L7] what a heartbeat has named and an answer is still to bring is in the next resume, however late it is', async () => {
    const world = new SimWorld(27)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.faults = { ...noFaults, losePush: 1 }
    world.server.setFlags(amina, crew, { muted: true, archived: false, pinned: false })
    world.net.loseRequests = 1
    await world.clock.run(300_000)
    life.crash()
    world.net.loseRequests = 0
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(5_000)
    world.expectSame(next, amina)
  })

  it('[L7] what a resume tells in outline is taken over, and nothing is fetched for it', async () => {
    const world = new SimWorld(41)
    const resumed = resumesOf(world)
    const life = world.live(amina)
    void life.client.connect()
    for (const text of ['Wind dreht auf Nordwest 💨', '14 pluvialis, 3 limosa', 'هل ترى الحلقة؟']) world.say(talk, bjorn, text)
    await world.clock.run(60_000)
    world.net.cut()
    world.server.read(amina, talk, 3)
    world.server.read(bjorn, talk, 2)
    const { length } = world.net.requests
    await world.clock.run(5_000)
    expect(resumed.at(-1)).toMatchObject({ conversations: [], outlines: [{ conversationId: talk, head: 4, read: 3 }] })
    expect(world.net.requests.slice(length)).toEqual([])
    world.expectSame(life, amina)
    expect(life.client.unread.get().messages).toBe(1)
  })

  it('[L6] an outline that names more than is here has it fetched, as something of yesterday', async () => {
    const world = new SimWorld(42)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(60_000)
    world.net.cut()
    const { seq } = world.say(talk, bjorn, 'The other phone has this already 📱')
    world.server.deliver(amina, talk, seq)
    const live: boolean[] = []
    life.client.on('entry', (event) => live.push(event.live))
    await world.clock.run(5_000)
    world.expectComplete(life, amina)
    expect(live).toEqual([false])
  })

  it('[L8] a row that was still to be asked for at a crash is asked for by the next life, though the resume has only its outline', async () => {
    const world = new SimWorld(43)
    const resumed = resumesOf(world)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    for (let i = 0; i < 320; i++) world.say(talk, bjorn)
    await world.clock.run(60_000)
    world.net.loseRequests = 1
    // Unread, and no longer held: only the server can tell what is left.
    world.server.append(talk, bjorn, 'delete-1', { kind: 'delete', target: 9 })
    await world.clock.run(2_000)
    life.crash()
    world.net.loseRequests = 0
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(5_000)
    expect(resumed.at(-1)).toMatchObject({ outlines: [{ conversationId: talk }] })
    world.expectSame(next, amina)
  })

  it.each(['a resume', 'a heartbeat'])(
    '[L8] what was read offline stays read in the next life when %s confirmed it in outline',
    async (how) => {
      const world = new SimWorld(44)
      const disk = new SimDisk()
      const life = world.live(amina, disk)
      void life.client.connect()
      for (const text of ['Flut um 18:52', 'Ist der Schlüssel noch bei dir?', 'さっき渡したよ']) world.say(talk, bjorn, text)
      await world.clock.run(60_000)
      // Of reading while the connection lives the server tells in a push.
      if (how === 'a heartbeat') world.server.faults = { ...noFaults, losePush: 1 }
      else world.net.cut()
      life.client.conversation(talk).markRead(4)
      await world.clock.run(35_000)
      life.crash()
      world.net.down = true
      const next = world.live(amina, disk)
      void next.client.connect()
      await world.clock.run(1_000)
      expect(next.client.conversations.get().find((row) => row.conversationId === talk)).toMatchObject({ head: 4, unread: 0 })
    },
  )

  it('[L7] a reset with another epoch starts anew, and keeps what is unsent', async () => {
    const world = new SimWorld(12)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.net.cut()
    world.net.down = true
    const sending = life.client.conversation(talk).send({ text: 'still here?' })
    let resets = 0
    life.client.on('reset', () => {
      resets++
      life.reported.clear()
    })
    world.server.epoch = 'e2'
    world.net.down = false
    life.client.wake()
    await world.clock.run(30_000)
    await sending.acked
    expect(resets).toBe(1)
    world.expectComplete(life, amina)
  })

  it('[L7] a reset because too much changed reports what is missing and nothing twice', async () => {
    const world = new SimWorld(13)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.resumeMax = 0
    world.net.cut()
    for (let i = 0; i < 40; i++) world.say(world.clock.pick([talk, crew]), bjorn)
    await world.clock.run(30_000)
    world.expectComplete(life, amina)
    world.expectSame(life, amina)
  })

  it('stays signed out when the device was revoked', async () => {
    const world = new SimWorld(14)
    const life = world.live(amina)
    const events: string[] = []
    life.client.on('session', ({ reason }) => events.push(reason))
    void life.client.connect()
    await world.clock.run(1_000)
    for (const session of world.server.sessions) session.close(4201, 'device signed out')
    await world.clock.run(60_000)
    expect(life.client.connection.get()).toMatchObject({ status: 'signed-out' })
    expect(events).toEqual(['revoked'])
  })

  it('connect, close and connect again, as a strict development mode does, is one connection', async () => {
    const world = new SimWorld(15)
    const life = world.live(amina)
    void life.client.connect().catch(() => {})
    void life.client.close()
    const connected = life.client.connect()
    await world.clock.run(2_000)
    await connected
    expect(world.server.sessions.size).toBe(1)
    const sending = life.client.conversation(talk).send({ text: 'הגעתי' })
    await world.clock.run(1_000)
    await sending.acked
  })
})

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
