/** Sessions that only stay: what each takes of memory, and all their heartbeats of a core. */
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '@godwit/protocol/limits.ts'
import type { Bench, Scenario } from '../bench.ts'
import { createGreetings, type ServerKind } from '../load/fleet.ts'
import { holdIdle } from '../load/holders.ts'
import { Histogram } from '../measure/histogram.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { openWindow } from '../measure/window.ts'
import { type Seeded, seed } from '../seed/seed.ts'
import type { Child } from '../servers/child.ts'

export const idle: Scenario = {
  name: 'idle',
  summary: '18,000 authenticated sessions that do nothing but heartbeats',
  async run(bench) {
    const users = bench.size(18_000, 200)
    const world = await seed(bench.folder(), { users, rooms: [] }, bench.progress)
    const floor = await measure(bench, 'floor', await bench.startFloor(), world)
    const godwit = await measure(bench, 'godwit', await bench.startGodwit({ folder: world.folder }), world)
    return {
      unit: 'heartbeat',
      throughputPerS: spreadOf([godwit.pingsPerS]),
      cpuUs: spreadOf([godwit.cpuUs]),
      floorCpuUs: spreadOf([floor.cpuUs]),
      ratio: spreadOf([godwit.cpuUs / floor.cpuUs]),
      latency: new Histogram(),
      latencyAt: 'not measured',
      rssBytes: godwit.rssBytes,
      peakRssBytes: godwit.peakBytes,
      windows: [floor.window, godwit.window],
      goals: [
        { what: 'memory a session', unit: 'KiB', value: godwit.bytesEach / 1_024, bound: { atMost: 8 } },
        { what: 'CPU of heartbeats', unit: '% of a core', value: godwit.coreShare * 100, bound: { atMost: 2 } },
      ],
      more: {
        sessions: users,
        session_kib: godwit.bytesEach / 1_024,
        floor_session_kib: floor.bytesEach / 1_024,
        connects_per_s: godwit.connectsPerS,
        floor_connects_per_s: floor.connectsPerS,
      },
      notes: [],
    }
  },
}

async function measure(bench: Bench, kind: ServerKind, server: Child, world: Seeded) {
  const before = memoryOf(server.pid).rssBytes
  const greetingOf = createGreetings(kind, world)
  const greetings = await Promise.all(world.userIds.map((_, user) => greetingOf(user)))
  const begun = performance.now()
  using holders = await holdIdle(server.port, greetings, limits.heartbeatIntervalMs)
  const connectsPerS = (greetings.length * 1_000) / (performance.now() - begun)
  const waitOr = (s: number) => Promise.race([sleep(s * 1_000), holders.failed, server.died])
  // What connecting has left behind is collected meanwhile.
  await waitOr(bench.size(30, 1))
  const pongs = holders.pongs()
  const close = openWindow(server.pid)
  await waitOr(bench.size(60, 2))
  const window = close()
  const { seconds, serverCpuUs } = window
  const pings = holders.pongs() - pongs
  const { rssBytes, peakBytes } = memoryOf(server.pid)
  const bytesEach = (rssBytes - before) / greetings.length
  bench.progress(
    `${kind}: ${(bytesEach / 1_024).toFixed(1)} KiB a session, ${((serverCpuUs / seconds / 1e6) * 100).toFixed(1)} % of a core`,
  )
  return {
    bytesEach,
    connectsPerS,
    pingsPerS: pings / seconds,
    cpuUs: serverCpuUs / pings,
    coreShare: serverCpuUs / seconds / 1e6,
    rssBytes,
    peakBytes,
    window,
  }
}
