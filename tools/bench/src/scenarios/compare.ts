/** The same messages through Godwit and through the floor, window by window in turn, so that a busy moment of the machine meets both. */
import type { Bench } from '../bench.ts'
import type { Exchange } from '../load/exchange.ts'
import { connectFleet, type Fleet } from '../load/fleet.ts'
import type { Loop } from '../load/loops.ts'
import { type MessageFigures, measureMessages } from '../load/measure.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import type { Seeded } from '../seed/seed.ts'
import type { Child } from '../servers/child.ts'

export interface Pair {
  readonly godwit: Fleet
  readonly floor: Fleet
}

export interface Compared {
  readonly godwit: readonly MessageFigures[]
  readonly floor: readonly MessageFigures[]
}

export async function connectPair(bench: Bench, world: Seeded, server: Child, online?: readonly number[]): Promise<Pair> {
  const some = online === undefined ? {} : { online }
  const floor = await connectFleet({ kind: 'floor', server: await bench.startFloor(), world, ...some })
  const godwit = await connectFleet({ kind: 'godwit', server, world, ...some })
  bench.progress(`${godwit.sessions.size} devices are live at both servers`)
  return { godwit, floor }
}

/** Warms both up and measures them in turn, `repeats` times. */
export async function compare(bench: Bench, pair: Pair, loopOf: (fleet: Fleet) => (exchange: Exchange) => Loop): Promise<Compared> {
  const measured = { godwit: [] as MessageFigures[], floor: [] as MessageFigures[] }
  for (let repeat = 0; repeat < bench.repeats; repeat++)
    for (const kind of ['floor', 'godwit'] as const) {
      const fleet = pair[kind]
      const settleInS = repeat === 0 ? bench.warmUpS : Math.min(1, bench.warmUpS)
      const figures = await measureMessages(fleet, { seconds: bench.windowS, settleInS, start: loopOf(fleet) })
      measured[kind].push(figures)
      bench.progress(
        `${kind === 'godwit' ? bench.measured : kind}: ${Math.round(figures.messagesPerS).toLocaleString('en')} messages/s, ${figures.cpuUsPerDelivery.toFixed(1)} us a delivery`,
      )
    }
  return measured
}

/** What every comparison of messages tells. */
export function comparedFigures({ godwit, floor }: Compared, { server }: Fleet) {
  const { rssBytes, peakBytes } = memoryOf(server.pid)
  return {
    throughputPerS: spreadOf(godwit.map(({ messagesPerS }) => messagesPerS)),
    cpuUs: spreadOf(godwit.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery)),
    floorCpuUs: spreadOf(floor.map(({ cpuUsPerDelivery }) => cpuUsPerDelivery)),
    ratio: spreadOf(godwit.map(({ cpuUsPerDelivery }, i) => cpuUsPerDelivery / (floor[i] as MessageFigures).cpuUsPerDelivery)),
    rssBytes,
    peakRssBytes: peakBytes,
    windows: [...godwit, ...floor].map(({ window }) => window),
  }
}

/** CPU of each thread of the server, in microseconds a delivery, for `more`; names begin with `prefix`. */
export function threadCosts(figures: readonly MessageFigures[], prefix = ''): Record<string, number> {
  const total = figures.reduce((sum, { deliveriesPerS, window }) => sum + deliveriesPerS * window.seconds, 0)
  const names = new Set(figures.flatMap(({ window }) => [...window.threadCpuUs.keys()]))
  return Object.fromEntries(
    [...names].map((name) => {
      const us = figures.reduce((sum, { window }) => sum + (window.threadCpuUs.get(name) ?? 0), 0)
      return [`${prefix}thread_${name.toLowerCase().replaceAll(/\W+/g, '_')}_us`, us / total]
    }),
  )
}
