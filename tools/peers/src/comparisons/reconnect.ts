/** Devices that come until they could hear and be heard, and go: how many of them a second of CPU serves. */
import { measureOperations } from '@godwit/bench/load/operations.ts'
import { spreadOf } from '@godwit/bench/measure/spread.ts'
import { directWorld } from '@godwit/bench/seed/world.ts'
import type { Comparison, PeersBench } from '../bench.ts'
import { godwit } from '../systems/godwit.ts'
import type { Running, System } from '../systems/system.ts'
import { inTurn, ratioOf } from './turns.ts'

const atOnce = 32

export function reconnect(peer: System, notes: readonly string[]): Comparison {
  return {
    name: `${peer.name}/reconnect`,
    summary: `200 devices come and go, ${atOnce} at once: with Godwit each is authenticated and told what it has missed`,
    async run(bench) {
      const plan = directWorld(bench.size(200, 20))
      const theirs = await peer.start(bench, plan)
      const ours = await godwit.start(bench, plan)
      const measured = await inTurn(bench.repeats, visits(bench, ours, godwit.name), visits(bench, theirs, peer.name))
      const each = { godwit: measured.godwit.map(perCpuS), peer: measured.peer.map(perCpuS) }
      const figures = (of: readonly OperationFigures[]) => ({
        value: spreadOf(of.map(perCpuS)),
        more: {
          cpu_us_each: spreadOf(of.map(({ cpuUsEach }) => cpuUsEach)).median,
          per_s: spreadOf(of.map(({ perS }) => perS)).median,
          p50_ms: spreadOf(of.map(({ latency }) => latency.quantile(0.5))).median,
          p99_ms: spreadOf(of.map(({ latency }) => latency.quantile(0.99))).median,
        },
      })
      return {
        peer: theirs.title,
        unit: 'reconnects per CPU-second',
        godwit: figures(measured.godwit),
        theirs: figures(measured.peer),
        ratio: ratioOf(each.godwit, each.peer),
        goals: [],
        windows: [...measured.godwit, ...measured.peer].map(({ window }) => window),
        notes,
      }
    },
  }
}

type OperationFigures = Awaited<ReturnType<typeof measureOperations>>

const perCpuS = ({ cpuUsEach }: OperationFigures) => 1e6 / cpuUsEach

/** Users take turns, and none comes again before its visit has ended: the server would see it twice. */
function visits(bench: PeersBench, { server, visit }: Running, name: string) {
  const users = bench.size(200, 20)
  const away = Array.from({ length: users }, (_, user) => user)
  const visitNext = async () => {
    const user = away.shift() as number
    await visit(user)
    away.push(user)
  }
  return async (first: boolean) => {
    const figures = await measureOperations({
      server,
      seconds: bench.windowS,
      settleInS: first ? bench.warmUpS : Math.min(1, bench.warmUpS),
      load: { atOnce: Math.min(atOnce, users / 2) },
      operate: visitNext,
    })
    bench.progress(`${name}: ${Math.round(figures.perS).toLocaleString('en')} reconnects/s, ${figures.cpuUsEach.toFixed(0)} us each`)
    return figures
  }
}
