import { describe, expect, it } from 'vitest'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, SimWorld, talk } from './testing/sim-world.ts'

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
