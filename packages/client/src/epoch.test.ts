import { expect, it } from 'vitest'
import { amina, SimWorld, talk } from './testing/sim-world.ts'

it('[L7] edits, deletions and reactions that a restore overtook are taken back: their seq may be another message now', async () => {
  const world = new SimWorld(21)
  const life = world.live(amina)
  void life.client.connect()
  await world.clock.run(1_000)
  const conversation = life.client.conversation(talk)
  const mine = await sent(conversation.send({ text: 'Low water at 9:40' }).acked)
  world.net.cut()
  world.net.down = true
  const amendments = [
    conversation.edit(mine.seq, 'Low water at 10:40'),
    conversation.react(mine.seq, '🦀', true),
    conversation.delete(mine.seq),
  ]
  const unsent = conversation.send({ text: 'Who has the keys of the hide?' })
  const outcomes = Promise.allSettled(amendments.map(({ acked }) => acked))
  world.server.epoch = 'e2'
  world.net.down = false
  life.client.wake()
  await world.clock.run(30_000)

  expect((await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(Array(3).fill('NOT_FOUND'))
  expect(await unsent.acked).toMatchObject({ seq: mine.seq + 1 })
  expect(life.client.outbox.get()).toEqual([])
  expect(world.server.heard.filter(({ type }) => ['edit', 'delete', 'reaction'].includes(type))).toEqual([])

  async function sent<T>(acked: Promise<T>): Promise<T> {
    await world.clock.run(2_000)
    return acked
  }
})
