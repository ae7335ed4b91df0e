/** 1:1 messages among 200 users, so many of them under way at any moment. */
import type { Bench, Goal, Scenario } from '../bench.ts'
import { closedLoop, openLoop } from '../load/loops.ts'
import { measureMessages, randomLanes } from '../load/measure.ts'
import type { WorldPlan } from '../seed/seed.ts'
import { seed } from '../seed/seed.ts'
import { compare, comparedFigures, connectPair, threadCosts } from './compare.ts'

/** Each user talks with ten others. */
export function directWorld(users = 200, peersEach = 10): WorldPlan {
  const rooms = Array.from({ length: users }, (_, one) =>
    Array.from({ length: peersEach / 2 }, (_, i) => ({ kind: 'direct' as const, members: [one, (one + i + 1) % users] })),
  )
  return { users, rooms: rooms.flat() }
}

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
      const { latency, ackLatency, cpuUsPerDelivery, window } = await measureMessages(godwit, {
        seconds: bench.windowS,
        settleInS: Math.min(1, bench.warmUpS),
        start: (exchange) => openLoop(exchange, halfPerS, randomLanes(godwit.lanes)),
      })
      const goals: Goal[] = [
        { what: 'CPU a message to the floor', unit: 'x', value: figures.ratio.median, bound: { atMost: ratioMax } },
        { what: 'p99 at half of the throughput', unit: 'ms', value: latency.quantile(0.99), bound: { atMost: 20 } },
      ]
      if (perSMin !== undefined)
        goals.push({ what: 'throughput', unit: 'messages/s', value: figures.throughputPerS.median, bound: { atLeast: perSMin } })
      return {
        unit: 'message',
        ...figures,
        latency,
        latencyAt: `${Math.round(halfPerS).toLocaleString('en')} messages/s, open loop`,
        goals,
        more: {
          ack_p99_ms: ackLatency.quantile(0.99),
          half_load_cpu_us: cpuUsPerDelivery,
          half_load_core_share: window.serverCpuUs / 1e6 / window.seconds,
          receipts_per_message: (godwit.receipts?.sent ?? 0) / godwit.exchange.tally().deliveries,
          ...threadCosts(compared.godwit),
        },
        notes: [],
      }
    },
  }
}
