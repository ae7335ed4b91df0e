/** One sender, 500 members who hear it. */
import type { Scenario } from '../bench.ts'
import type { Lane } from '../load/exchange.ts'
import { closedLoop } from '../load/loops.ts'
import { Histogram } from '../measure/histogram.ts'
import { withoutRates } from '../patches.ts'
import { seed } from '../seed/seed.ts'
import { compare, comparedFigures, connectPair, threadCosts } from './compare.ts'

export function group(name: string, inFlight: number, ratioMax: number): Scenario {
  return {
    name,
    summary: `one sender, 500 other members online, ${inFlight === 1 ? 'one message at a time' : `${inFlight} under way`}`,
    async run(bench) {
      const listeners = bench.size(500, 50)
      const members = Array.from({ length: listeners + 1 }, (_, user) => user)
      const world = await seed(bench.folder(), { users: members.length, rooms: [{ kind: 'group', members }] }, bench.progress)
      const pair = await connectPair(bench, world, await bench.startGodwit({ folder: world.folder, patches: withoutRates }))
      const compared = await compare(
        bench,
        pair,
        ({ lanes }) =>
          (exchange) =>
            closedLoop(exchange, inFlight, () => lanes[0] as Lane),
      )
      const figures = comparedFigures(compared, pair.godwit)
      const latency = new Histogram()
      for (const one of compared.godwit) latency.add(one.latency)
      const { median } = figures.throughputPerS
      return {
        unit: `of the ${listeners} recipients of a message`,
        ...figures,
        latency,
        latencyAt: `${inFlight} under way, closed loop`,
        goals: [{ what: 'CPU a delivery to the floor', unit: 'x', value: figures.ratio.median, bound: { atMost: ratioMax } }],
        more: {
          deliveries_per_s: median * listeners,
          deliveries_per_cpu_s: 1e6 / figures.cpuUs.median,
          receipts_per_delivery: (pair.godwit.receipts?.sent ?? 0) / pair.godwit.exchange.tally().deliveries,
          ...threadCosts(compared.godwit),
        },
        notes: ['rate limits lifted: one person may not write this fast'],
      }
    },
  }
}
