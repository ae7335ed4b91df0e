/** The first page of a conversation list that is long. */
import { createRandom } from '@godwit/load/world/random.ts'
import type { Scenario } from '../bench.ts'
import { HttpClient } from '../load/http.ts'
import { measureOperations, type OperationFigures } from '../load/operations.ts'
import { Tokens } from '../load/tokens.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { seed } from '../seed/seed.ts'
import { merged } from './history.ts'

const lists = 8
const listsPerS = 20

export const list: Scenario = {
  name: 'list',
  summary: 'the first page of the conversation list over HTTP, of users with 2,000 conversations',
  async run(bench) {
    const length = bench.size(2_000, 100)
    const owners = Array.from({ length: lists }, (_, user) => user)
    const peers = Array.from({ length }, (_, i) => lists + i)
    const rooms = owners.flatMap((one) => peers.map((peer) => ({ kind: 'direct' as const, members: [one, peer], messages: 5 })))
    const world = await seed(bench.folder(), { users: lists + length, rooms }, bench.progress)
    const server = await bench.startGodwit({ folder: world.folder })
    const http = new HttpClient(server.port)
    const tokens = new Tokens(world)
    await tokens.prepare(owners)
    const random = createRandom('bench list')
    const operate = async () => http.get('/v1/conversations', await tokens.of(random.pick(owners)))
    const window = { server, seconds: bench.windowS, operate, load: { perS: listsPerS } }
    // As fast as it goes: at 20 a second V8 would still be compiling when the windows begin.
    await measureOperations({ server, seconds: bench.warmUpS, settleInS: 0, operate, load: { atOnce: 1 } })
    const figures: OperationFigures[] = []
    for (let repeat = 0; repeat < bench.repeats; repeat++)
      figures.push(await measureOperations({ ...window, settleInS: Math.min(1, bench.warmUpS) }))
    const latency = merged(figures)
    http.end()
    const { rssBytes, peakBytes } = memoryOf(server.pid)
    return {
      unit: 'list',
      throughputPerS: spreadOf(figures.map(({ perS }) => perS)),
      cpuUs: spreadOf(figures.map(({ cpuUsEach }) => cpuUsEach)),
      floorCpuUs: null,
      ratio: null,
      latency,
      latencyAt: `${listsPerS} lists/s, open loop`,
      rssBytes,
      peakRssBytes: peakBytes,
      windows: figures.map(({ window: one }) => one),
      goals: [
        { what: `p99 of a list of ${length.toLocaleString('en')}`, unit: 'ms', value: latency.quantile(0.99), bound: { atMost: 10 } },
      ],
      more: {},
      notes: ['a relay keeps no list: no floor'],
    }
  },
}
