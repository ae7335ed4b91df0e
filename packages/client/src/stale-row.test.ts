import { expect, it } from 'vitest'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, SimWorld, talk } from './testing/sim-world.ts'

it('[L8] a row of a server that is behind this device is asked for again after a pause, and is right when it has caught up', async () => {
  const world = new SimWorld(5)
  const disk = new SimDisk()
  for (let n = 0; n < 140; n++) world.say(talk, bjorn)
  const first = world.live(amina, disk)
  void first.client.connect()
  await world.clock.run(3_000)
  await first.client.close()
  const { client } = world.live(amina, disk)
  void client.connect()
  await world.clock.run(3_000)
  const real = world.server.summary.bind(world.server)
  world.server.summary = (id, userId) => {
    const { head, unread, ...rest } = real(id, userId)
    return { ...rest, head: head - 60, unread: unread - 60, entries: [] }
  }
  const before = world.net.requests.length
  const stale = { conversationId: talk, read: 20, head: 81, unread: 61, mentions: 0 }
  world.server.reads.set(`${talk} ${amina}`, 20)
  for (const session of world.server.sessions) session.send({ type: 'read', ...stale })
  await world.clock.run(10_000)
  const asked = world.net.requests.slice(before).filter((one) => one === `GET /v1/conversations/${talk}`)
  expect(asked.length).toBeGreaterThan(1)
  expect(asked.length).toBeLessThan(8)
  world.server.summary = real
  await world.clock.run(10_000)
  expect(client.conversation(talk).row.get()).toMatchObject({ read: 20, unread: real(talk, amina).unread })
})

it('[L8] another device has read up to an entry that has not come here: what is unread is beyond it', async () => {
  const world = new SimWorld(6)
  const { client } = world.live(amina)
  void client.connect()
  await world.clock.run(1_000)
  world.server.faults = { ...world.server.faults, lose: 1 }
  for (let n = 0; n < 5; n++) world.say(talk, bjorn)
  await world.clock.run(500)
  const head = client.conversation(talk).row.get()?.head ?? 0
  world.server.read(amina, talk, head + 2)
  await world.clock.run(3_000)
  expect(client.conversation(talk).row.get()).toMatchObject({ head: head + 5, read: head + 2, unread: 3 })
})
