/** Sessions that only stay: what each takes of the server's memory. */
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '@godwit/bench/measure/proc.ts'
import { spreadOf } from '@godwit/bench/measure/spread.ts'
import { openWindow } from '@godwit/bench/measure/window.ts'
import type { Comparison, PeersBench } from '../bench.ts'
import { godwit } from '../systems/godwit.ts'
import type { System } from '../systems/system.ts'

export function memory(peer: System): Comparison {
  return {
    name: `${peer.name}/memory`,
    summary: '10,000 sessions that do nothing but stay: resident memory of the server over that of the empty one',
    async run(bench) {
      const theirs = await measure(bench, peer)
      const ours = await measure(bench, godwit)
      const ratio = spreadOf([ours.kib / theirs.kib])
      return {
        peer: theirs.title,
        unit: 'KiB a session',
        godwit: ours.figures,
        theirs: theirs.figures,
        ratio,
        goals: [{ what: `memory a session to that of ${peer.name}`, unit: 'x', value: ratio.median, bound: { atMost: 1 } }],
        windows: [theirs.window, ours.window],
        notes: ["after what the runtimes could collect; untouched_kib is before that. Memory of a peer's database is not counted"],
      }
    },
  }
}

async function measure(bench: PeersBench, system: System) {
  const users = bench.size(10_000, 50)
  const { server, gather, collectGarbage, title } = await system.start(bench, { users, rooms: [] }, { collects: true })
  await Promise.race([sleep(bench.size(5_000, 200)), server.died])
  await collectGarbage()
  const before = memoryOf(server.pid).rssBytes
  const begun = performance.now()
  const crowd = await Promise.race([gather(), server.died])
  const connectS = (performance.now() - begun) / 1_000
  const close = openWindow(server.pid, server.helpers)
  await Promise.race([sleep(bench.size(30_000, 500)), server.died])
  const window = close()
  const { rssBytes: untouched, peakBytes } = memoryOf(server.pid)
  await collectGarbage()
  const { rssBytes } = memoryOf(server.pid)
  crowd.end()
  await server.end()
  const kib = (rssBytes - before) / users / 1_024
  bench.progress(`${system.name}: ${kib.toFixed(1)} KiB a session, ${users} connected in ${connectS.toFixed(1)} s`)
  const more = {
    sessions: users,
    empty_mb: before / 2 ** 20,
    rss_mb: rssBytes / 2 ** 20,
    untouched_kib: (untouched - before) / users / 1_024,
    peak_rss_mb: peakBytes / 2 ** 20,
    idle_core_share: window.serverCpuUs / 1e6 / window.seconds,
    connects_per_s: users / connectS,
  }
  return { kib, title, window, figures: { value: spreadOf([kib]), more } }
}
