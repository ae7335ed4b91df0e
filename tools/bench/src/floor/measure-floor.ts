/** What the floor itself costs: outside of the range that a bare relay has on a like machine, no ratio to it means anything. */

import { connectFleet } from '../load/fleet.ts'
import { closedLoop } from '../load/loops.ts'
import { measureMessages, randomLanes } from '../load/measure.ts'
import type { Seeded } from '../seed/seed.ts'
import { directWorld, userIdOf } from '../seed/world.ts'
import type { Cores } from '../servers/cores.ts'
import { startFloor } from '../servers/start.ts'

const inFlight = 64

/** In microseconds. */
export async function measureFloor(cores: Cores, isQuick: boolean): Promise<number> {
  await using server = await startFloor(cores)
  const { users, rooms } = directWorld()
  const world: Seeded = {
    folder: '',
    userIds: Array.from({ length: users }, (_, user) => userIdOf(user)),
    rooms: rooms.map(({ members }, index) => ({ id: `c_00${index}`, members, head: 0 })),
    tokenOf: () => Promise.reject(new Error('the floor asks for no token')),
  }
  const fleet = await connectFleet({ kind: 'floor', server, world })
  const start = (exchange: typeof fleet.exchange) => closedLoop(exchange, inFlight, randomLanes(fleet.lanes))
  const { cpuUsPerDelivery } = await measureMessages(fleet, { seconds: isQuick ? 0.5 : 4, settleInS: isQuick ? 0.3 : 3, start })
  fleet.end()
  return cpuUsPerDelivery
}
