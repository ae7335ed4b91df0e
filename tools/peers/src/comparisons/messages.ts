/** The same messages through Godwit and through a peer: how many of them a second of CPU carries. */
import type { Goal } from '@godwit/bench/bench.ts'
import type { MessageFigures } from '@godwit/bench/load/measure.ts'
import { Histogram } from '@godwit/bench/measure/histogram.ts'
import { memoryOf } from '@godwit/bench/measure/proc.ts'
import { spreadOf } from '@godwit/bench/measure/spread.ts'
import { directWorld, type WorldPlan } from '@godwit/bench/seed/world.ts'
import type { Comparison, Figures, PeersBench } from '../bench.ts'
import { godwit } from '../systems/godwit.ts'
import type { Crowd, Running, System } from '../systems/system.ts'
import { inTurn, ratioOf } from './turns.ts'

interface Messages {
  readonly peer: System
  readonly name: string
  readonly summary: string
  readonly unit: string
  readonly plan: (bench: PeersBench) => WorldPlan
  readonly inFlight: number
  readonly who: 'all' | 'first'
  /** Godwit's messages or deliveries per CPU-second to the peer's; null where nothing is asked for. */
  readonly atLeast: number | null
  readonly notes: readonly string[]
}

/** 1:1 among 200 users. */
export function direct(peer: System, inFlight: number, atLeast: number, notes: readonly string[] = []): Comparison {
  return messages({
    peer,
    name: `direct-${inFlight}`,
    summary: `1:1 messages among 200 users, ${inFlight} under way, acked when they are stored`,
    unit: 'messages per CPU-second',
    plan: (bench) => directWorld(bench.size(200, 20)),
    inFlight,
    who: 'all',
    atLeast,
    notes,
  })
}

/** One sender, 500 who hear it. */
export function group(peer: System, name: string, inFlight: number, atLeast: number | null, notes: readonly string[] = []): Comparison {
  return messages({
    peer,
    name,
    summary: `one sender, 500 other members online, ${inFlight === 1 ? 'one message at a time' : `${inFlight} under way`}`,
    unit: 'deliveries per CPU-second',
    plan: (bench) => {
      const members = [...Array(bench.size(501, 51)).keys()]
      return { users: members.length, rooms: [{ kind: 'group', members }] }
    },
    inFlight,
    who: 'first',
    atLeast,
    notes: ['rate limits of Godwit lifted: one person may not write this fast', ...notes],
  })
}

function messages({ peer, name, summary, unit, plan, inFlight, who, atLeast, notes }: Messages): Comparison {
  return {
    name: `${peer.name}/${name}`,
    summary,
    async run(bench) {
      const world = plan(bench)
      const theirs = await peer.start(bench, world)
      const ours = await godwit.start(bench, world, { withoutRates: who === 'first' })
      const [theirCrowd, ourCrowd] = [await theirs.gather(), await ours.gather()]
      const measure = (system: System, crowd: Crowd) => async (first: boolean) => {
        const timing = { seconds: bench.windowS, settleInS: first ? bench.warmUpS : Math.min(1, bench.warmUpS) }
        const figures = await crowd.measure({ inFlight }, who, timing)
        const { messagesPerS, cpuUsPerDelivery, window } = figures
        const helpers =
          window.helperCpuUs > 0 ? `, ${Math.round((window.helperCpuUs / window.serverCpuUs) * 100)} % of it its database` : ''
        bench.progress(
          `${system.name}: ${Math.round(messagesPerS).toLocaleString('en')} messages/s, ${cpuUsPerDelivery.toFixed(1)} us a delivery${helpers}`,
        )
        return figures
      }
      const measured = await inTurn(bench.repeats, measure(godwit, ourCrowd), measure(peer, theirCrowd))
      const result = { godwit: figuresOf(measured.godwit, ours), theirs: figuresOf(measured.peer, theirs) }
      theirCrowd.end()
      ourCrowd.end()
      const ratio = ratioOf(measured.godwit.map(perCpuS), measured.peer.map(perCpuS))
      const goals: Goal[] =
        atLeast === null ? [] : [{ what: `${unit} to those of ${peer.name}`, unit: 'x', value: ratio.median, bound: { atLeast } }]
      const windows = [...measured.godwit, ...measured.peer].map(({ window }) => window)
      return { peer: theirs.title, unit, ...result, ratio, goals, windows, notes }
    },
  }
}

const perCpuS = ({ cpuUsPerDelivery }: MessageFigures) => 1e6 / cpuUsPerDelivery

function figuresOf(figures: readonly MessageFigures[], { server }: Running): Figures {
  const [latency, ackLatency] = [new Histogram(), new Histogram()]
  for (const one of figures) {
    latency.add(one.latency)
    ackLatency.add(one.ackLatency)
  }
  return {
    value: spreadOf(figures.map(perCpuS)),
    more: {
      cpu_us_per_delivery: spreadOf(figures.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery)).median,
      database_cpu_share: spreadOf(figures.map(({ window }) => window.helperCpuUs / window.serverCpuUs)).median,
      core_share: spreadOf(figures.map(({ window }) => window.serverCpuUs / 1e6 / window.seconds)).median,
      messages_per_s: spreadOf(figures.map(({ messagesPerS }) => messagesPerS)).median,
      p50_ms: latency.quantile(0.5),
      p99_ms: latency.quantile(0.99),
      ack_p50_ms: ackLatency.quantile(0.5),
      ack_p99_ms: ackLatency.quantile(0.99),
      rss_mb: memoryOf(server.pid).rssBytes / 2 ** 20,
    },
  }
}
