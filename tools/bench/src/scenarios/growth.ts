/** The same load on an empty log and on a long one. */
import type { Scenario } from '../bench.ts'
import { connectFleet, type Fleet } from '../load/fleet.ts'
import { closedLoop } from '../load/loops.ts'
import { type MessageFigures, measureMessages, randomLanes } from '../load/measure.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { seed } from '../seed/seed.ts'
import { directWorld } from '../seed/world.ts'

const inFlight = 1_000

export const growth: Scenario = {
  name: 'growth',
  summary: 'direct-1000 on an empty log against one of 5,000,000 messages in 50,000 conversations',
  async run(bench) {
    const talking = directWorld()
    const messagesEach = bench.size(100, 10)
    const more = bench.size(50_000, 1_100) - talking.rooms.length
    const rest = Array.from({ length: more }, (_, i) => ({ kind: 'direct' as const, members: pairOf(i, talking.users) }))
    const rooms = [...talking.rooms, ...rest].map((room) => ({ ...room, messages: messagesEach }))
    const worlds = {
      empty: await seed(bench.folder(), talking, bench.progress),
      full: await seed(bench.folder(), { users: talking.users + 1_000, rooms }, bench.progress),
    }
    const fleets = {} as Record<keyof typeof worlds, Fleet>
    for (const key of ['empty', 'full'] as const) {
      const world = worlds[key]
      const server = await bench.startGodwit({ folder: world.folder })
      const online = Array.from({ length: talking.users }, (_, user) => user)
      fleets[key] = await connectFleet({
        kind: 'godwit',
        server,
        world: { ...world, rooms: world.rooms.slice(0, talking.rooms.length) },
        online,
      })
    }
    const figures = { empty: [] as MessageFigures[], full: [] as MessageFigures[] }
    for (let repeat = 0; repeat < bench.repeats; repeat++)
      for (const key of ['empty', 'full'] as const) {
        const fleet = fleets[key]
        const nextLane = randomLanes(fleet.lanes)
        const settleInS = repeat === 0 ? bench.warmUpS : Math.min(1, bench.warmUpS)
        const window = {
          seconds: bench.windowS,
          settleInS,
          start: (exchange: typeof fleet.exchange) => closedLoop(exchange, inFlight, nextLane),
        }
        const one = await measureMessages(fleet, window)
        figures[key].push(one)
        bench.progress(`${key}: ${Math.round(one.messagesPerS).toLocaleString('en')} messages/s`)
      }
    const { rssBytes, peakBytes } = memoryOf(fleets.full.server.pid)
    const emptyRss = memoryOf(fleets.empty.server.pid).rssBytes
    const ratio = spreadOf(figures.full.map(({ messagesPerS }, i) => messagesPerS / (figures.empty[i] as MessageFigures).messagesPerS))
    const startUpMs = fleets.full.server.startUpMs
    return {
      unit: 'message, into the long log',
      throughputPerS: spreadOf(figures.full.map(({ messagesPerS }) => messagesPerS)),
      cpuUs: spreadOf(figures.full.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery)),
      floorCpuUs: null,
      ratio: null,
      latency: (figures.full.at(-1) as MessageFigures).latency,
      latencyAt: `${inFlight} under way, closed loop`,
      rssBytes,
      peakRssBytes: peakBytes,
      windows: [...figures.empty, ...figures.full].map(({ window }) => window),
      goals: [
        { what: 'throughput to that on the empty log', unit: 'x', value: ratio.median, bound: { atLeast: 0.9 } },
        { what: 'start-up on the long log', unit: 's', value: startUpMs / 1_000, bound: { atMost: 2 } },
        { what: 'memory to that on the empty log', unit: 'x', value: rssBytes / emptyRss, bound: { atMost: 1.25 } },
      ],
      more: {
        empty_rss_mb: emptyRss / 2 ** 20,
        empty_throughput_per_s: spreadOf(figures.empty.map(({ messagesPerS }) => messagesPerS)).median,
      },
      notes: [`${(rooms.length * messagesEach).toLocaleString('en')} messages in ${rooms.length.toLocaleString('en')} conversations`],
    }
  },
}

/** Different pairs of users who are not online. */
function pairOf(index: number, from: number): [number, number] {
  const one = index % 1_000
  return [from + one, from + ((one + 1 + Math.floor(index / 1_000)) % 1_000)]
}
