import { expect, test } from 'vitest'
import { Cloud } from './cloud.ts'
import { Device } from './device.ts'
import { Entitlement } from './entitlement.ts'
import { signUp } from './people.ts'
import { PushOrder } from './push-order.ts'
import { Refusals } from './refusals.ts'
import { World } from './world.ts'

test('a device that left twice at once comes back once, and is not waited for again', async () => {
  const world = new World(3, false)
  const cloud = new Cloud(world)
  cloud.start()
  await world.timeline.run(2_000)
  const device = new Device(world, {
    session: await signUp(world, 0),
    network: cloud.network,
    socketsBlocked: false,
    refusals: new Refusals(world),
    entitlement: new Entitlement(),
    pushOrder: new PushOrder(world),
  })
  device.connect()
  await world.timeline.run(5_000)
  device.leaveAndReturn(1_500)
  device.leaveAndReturn(200)
  await world.timeline.run(5_000)
  const connects = world.recorder.lines.filter(({ op }) => op === 'connect').map(({ type }) => type)
  expect(connects.slice(connects.indexOf('info'))).toEqual(['info', 'info', 'invoke', 'ok'])
})
