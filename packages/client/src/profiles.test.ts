import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { describe, expect, it } from 'vitest'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, chen, crew, SimWorld, talk } from './testing/sim-world.ts'

async function scene(disk = new SimDisk(), world = new SimWorld(11)) {
  const life = world.live(amina, disk)
  void life.client.connect()
  await world.clock.run(1_000)
  const { client } = life
  const load = async (ids: readonly UserId[]) => {
    void client.loadProfiles(ids)
    await world.clock.run(1_000)
  }
  const close = async () => {
    void client.close()
    await world.clock.run(1_000)
  }
  const asked = () => world.net.requests.filter((request) => request === 'GET /v1/users').length
  return {
    world,
    client,
    load,
    close,
    asked,
    title: () => client.conversation(talk).row.get()?.title,
    nameOf: (id: UserId) => client.profiles.get().get(id)?.displayName,
  }
}

describe('names', () => {
  it('a name that changes is in the list and beside messages at once, and asks for nothing', async () => {
    const { world, client, load, asked, title, nameOf } = await scene()
    await load([bjorn])
    let told = 0
    client.conversation(talk).row.subscribe(() => told++)
    expect([title(), asked()]).toEqual(['bjorn', 1])
    world.server.rename(bjorn, 'Björn Ö. 🐦', [amina])
    await world.clock.run(1_000)
    expect([title(), nameOf(bjorn), told, asked()]).toEqual(['Björn Ö. 🐦', 'Björn Ö. 🐦', 1, 1])
  })

  it('who comes back after long, and looks, sees the names of now: of people watched, and of who speaks where one looks', async () => {
    const disk = new SimDisk()
    const first = await scene(disk)
    first.world.say(crew, chen)
    first.world.say(talk, bjorn)
    await first.world.clock.run(1_000)
    await first.load([bjorn, chen])
    await first.close()
    first.world.server.rename(bjorn, 'Björn Ö.', [])
    first.world.server.rename(chen, '陈', [])
    await first.world.clock.run(limits.clientProfileStaleMs)
    const { world, client, asked, title, nameOf } = await scene(disk, first.world)
    const before = asked()
    expect([title(), nameOf(chen)]).toEqual(['bjorn', 'chen'])
    client.watchUsers([bjorn])
    const stop = client.conversation(crew).watch()
    client.conversation(crew).timeline.subscribe(() => {})
    world.say(crew, chen)
    await world.clock.run(1_000)
    expect([title(), nameOf(chen)]).toEqual(['Björn Ö.', '陈'])
    stop()
    client.conversation(crew).watch()
    await world.clock.run(1_000)
    expect(asked()).toBeLessThanOrEqual(before + 2)
  })

  it('a request for names that fails is made again with the next look, and what is known stays', async () => {
    const { world, client, load, nameOf } = await scene()
    await load([bjorn])
    await world.clock.run(limits.clientProfileStaleMs)
    world.server.rename(bjorn, 'Björn Ö.', [])
    world.net.loseRequests = 1
    client.watchUsers([bjorn])
    await world.clock.run(60_000)
    expect(nameOf(bjorn)).toBe('bjorn')
    world.net.loseRequests = 0
    await world.clock.run(60_000)
    client.watchUsers([bjorn, chen])
    await world.clock.run(2_000)
    expect(nameOf(bjorn)).toBe('Björn Ö.')
  })

  it('[L9] no more are kept than clientProfilesMax, in memory and in the store; peers of the list stay', async () => {
    const disk = new SimDisk()
    const { client, load, close } = await scene(disk)
    await load([bjorn])
    const strangers = Array.from({ length: limits.clientProfilesMax + 500 }, (_, n): UserId => `u_stranger-${n}`)
    for (let from = 0; from < strangers.length; from += 1_000) await load(strangers.slice(from, from + 1_000))
    const known = client.profiles.get()
    expect(known.size).toBeLessThanOrEqual(limits.clientProfilesMax)
    expect([known.has(bjorn), known.has(strangers[0] as UserId), known.has(strangers.at(-1) as UserId)]).toEqual([true, false, true])
    await close()
    expect([...disk.values.keys()].filter((key) => key.startsWith('u/')).length).toBe(known.size)
  })
})
