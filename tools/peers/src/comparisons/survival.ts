/** What an ack of the peer is worth: kill -9 of server and database while messages flow, and a look at what is stored then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { spreadOf } from '@godwit/bench/measure/spread.ts'
import { directWorld } from '@godwit/bench/seed/world.ts'
import type { Comparison } from '../bench.ts'
import type { DurableRunning, System } from '../systems/system.ts'

const nothing = spreadOf([])

export function survival(peer: System<DurableRunning>): Comparison {
  return {
    name: `${peer.name}/survival`,
    summary: 'kill -9 of server and database under load: is all that was acked still there?',
    async run(bench) {
      const running = await peer.start(bench, directWorld(bench.size(200, 20)))
      const crowd = await running.gather()
      const pouring = crowd.pour(64)
      await Promise.race([sleep(bench.size(5_000, 1_000)), running.server.died])
      const acked = new Set(pouring)
      const stored = await running.kill()
      crowd.end()
      const lost = [...acked].filter((n) => !stored.has(n)).length
      const share = (1 - lost / acked.size) * 100
      return {
        peer: running.title,
        unit: '% of acked messages stored after kill -9',
        godwit: { value: nothing, more: {} },
        theirs: { value: spreadOf([share]), more: { acked: acked.size, lost, stored: stored.size } },
        ratio: nothing,
        goals: [{ what: `acked messages of ${peer.name} that survive`, unit: '%', value: share, bound: { atLeast: 100 } }],
        windows: [],
        notes: ['kill -9 leaves what the kernel has: that PostgreSQL syncs before it answers is its own setting. Of Godwit: npm run crash'],
      }
    },
  }
}
