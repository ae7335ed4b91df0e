/** One message to each of many conversations of which the server remembers nothing. */
import { createRandom } from '@godwit/load/world/random.ts'
import type { Scenario } from '../bench.ts'
import type { Lane } from '../load/exchange.ts'
import { connectFleet } from '../load/fleet.ts'
import { closedLoop, openLoop } from '../load/loops.ts'
import { measureMessages, randomLanes } from '../load/measure.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { seed } from '../seed/seed.ts'
import { directWorld } from '../seed/world.ts'

const inFlight = 64

export const cold: Scenario = {
  name: 'cold',
  summary: 'one message to each of 50,000 conversations, none in memory; beside it direct-64 on the same server',
  async run(bench) {
    // The first rooms of this world are those of `direct-64`; they are kept for that.
    const users = bench.size(400, 40)
    const warmPlan = directWorld(users)
    const coldRooms = allPairs(users, warmPlan.rooms.length, bench.size(50_000, 400))
    const plan = { users, rooms: [...warmPlan.rooms, ...coldRooms].map((room) => ({ ...room, messages: 10 })) }
    const world = await seed(bench.folder(), plan, bench.progress)
    const server = await bench.startGodwit({ folder: world.folder })
    const fleet = await connectFleet({ kind: 'godwit', server, world })
    const warmIds = new Set(world.rooms.slice(0, warmPlan.rooms.length).map(({ id }) => id as string))
    const warm = fleet.lanes.filter(({ room }) => warmIds.has(room.id))
    const window = { seconds: bench.windowS, settleInS: bench.warmUpS }
    const direct = await measureMessages(fleet, { ...window, start: (exchange) => closedLoop(exchange, inFlight, randomLanes(warm)) })
    bench.progress(`warm: ${direct.cpuUsPerDelivery.toFixed(1)} us a message`)

    const once = eachOnce(fleet.lanes.filter(({ room }) => !warmIds.has(room.id)))
    const figures = []
    // Half of the conversations for each of the two loads.
    const seconds = Math.min(bench.windowS, once.left() / 2 / bench.repeats / direct.messagesPerS / 1.2)
    for (let repeat = 0; repeat < bench.repeats; repeat++) {
      const part = {
        seconds,
        settleInS: 0.05 * seconds,
        start: (exchange: typeof fleet.exchange) => closedLoop(exchange, inFlight, once.next),
      }
      figures.push(await measureMessages(fleet, part))
    }
    const throughputPerS = spreadOf(figures.map(({ messagesPerS }) => messagesPerS))
    const cpuUs = spreadOf(figures.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery))
    const halfPerS = throughputPerS.median / 2
    const { latency } = await measureMessages(fleet, {
      seconds: Math.min(bench.windowS, (once.left() / halfPerS) * 0.9),
      settleInS: 0,
      start: (exchange) => openLoop(exchange, halfPerS, once.next),
    })
    const { rssBytes, peakBytes } = memoryOf(server.pid)
    return {
      unit: 'message',
      throughputPerS,
      cpuUs,
      floorCpuUs: null,
      ratio: null,
      latency,
      latencyAt: `${Math.round(halfPerS).toLocaleString('en')} messages/s, open loop`,
      rssBytes,
      peakRssBytes: peakBytes,
      windows: [direct, ...figures].map(({ window: one }) => one),
      goals: [
        { what: 'CPU a message to direct-64', unit: 'x', value: cpuUs.median / direct.cpuUsPerDelivery, bound: { atMost: 2 } },
        { what: 'p99 at half of the throughput', unit: 'ms', value: latency.quantile(0.99), bound: { atMost: 20 } },
      ],
      more: { direct_64_cpu_us: direct.cpuUsPerDelivery },
      notes: [`${once.used().toLocaleString('en')} conversations were written to, each once; to a relay none is cold: no floor`],
    }
  },
}

/** Pairs of users that `directWorld` does not have, which pairs neighbours. */
function allPairs(users: number, taken: number, count: number) {
  const nearest = taken / users + 1
  const rooms = []
  for (let distance = nearest; rooms.length < count && distance < users / 2; distance++)
    for (let one = 0; one < users && rooms.length < count; one++)
      rooms.push({ kind: 'direct' as const, members: [one, (one + distance) % users] })
  return rooms
}

/** One lane of each room, in random order. Throws when there are no more. */
function eachOnce(lanes: readonly Lane[]) {
  const oneEach = [...new Map(lanes.map((lane) => [lane.room.id, lane])).values()]
  const order = createRandom('bench cold').sample(oneEach, oneEach.length)
  let used = 0
  return {
    left: () => order.length - used,
    used: () => used,
    next(): Lane {
      const lane = order[used++]
      if (!lane) throw new Error('no conversation is cold any more')
      return lane
    },
  }
}
