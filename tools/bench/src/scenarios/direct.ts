/** 1:1 messages among 200 users, so many of them under way at any moment. */
import type { Bench, Goal, Scenario } from '../bench.ts'
import { closedLoop, openLoop } from '../load/loops.ts'
import { measureMessages, randomLanes } from '../load/measure.ts'
import { seed } from '../seed/seed.ts'
import { directWorld } from '../seed/world.ts'
import { compare, comparedFigures, connectPair, threadCosts } from './compare.ts'

interface DirectGoals {
  readonly ratioMax: number
  readonly perSMin?: number
}

export function direct(inFlight: number, { ratioMax, perSMin }: DirectGoals): Scenario {
  return {
    name: `direct-${inFlight}`,
    summary: `1:1 messages among 200 users, ${inFlight} under way; acks, deliveries and delivered receipts flow`,
    async run(bench: Bench) {
      const world = await seed(bench.folder(), directWorld(), bench.progress)
      const pair = await connectPair(bench, world, await bench.startGodwit({ folder: world.folder }))
      const { godwit } = pair
      const compared = await compare(bench, pair, ({ lanes }) => {
        const nextLane = randomLanes(lanes)
        return (exchange) => closedLoop(exchange, inFlight, nextLane)
      })
      const figures = comparedFigures(compared, godwit)
      const halfPerS = figures.throughputPerS.median / 2
      const half = await measureMessages(godwit, {
        seconds: bench.windowS,
        settleInS: Math.min(1, bench.warmUpS),
        start: (exchange) => openLoop(exchange, halfPerS, randomLanes(godwit.lanes)),
      })
      const goals: Goal[] = [
        { what: 'CPU a message to the floor', unit: 'x', value: figures.ratio.median, bound: { atMost: ratioMax } },
        { what: 'p99 at half of the throughput', unit: 'ms', value: half.latency.quantile(0.99), bound: { atMost: 20 } },
      ]
      if (perSMin !== undefined)
        goals.push({ what: 'throughput', unit: 'messages/s', value: figures.throughputPerS.median, bound: { atLeast: perSMin } })
      return {
        unit: 'message',
        ...figures,
        latency: half.latency,
        latencyAt: `${Math.round(halfPerS).toLocaleString('en')} messages/s, open loop`,
        goals,
        more: {
          ack_p99_ms: half.ackLatency.quantile(0.99),
          receipts_per_message: (godwit.receipts?.sent ?? 0) / godwit.exchange.tally().deliveries,
          ...threadCosts(compared.godwit),
          half_cpu_us: half.cpuUsPerDelivery,
          half_core_share: half.window.serverCpuUs / 1e6 / half.window.seconds,
          ...threadCosts([half], 'half_'),
        },
        notes: [],
      }
    },
  }
}
