/** Pages of a long conversation beside those of a short one. */
import { createRandom } from '@godwit/load/world/random.ts'
import type { Bench, Scenario } from '../bench.ts'
import { HttpClient } from '../load/http.ts'
import { measureOperations, type OperationFigures } from '../load/operations.ts'
import { Tokens } from '../load/tokens.ts'
import { Histogram } from '../measure/histogram.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { type SeededRoom, seed } from '../seed/seed.ts'

const members = Array.from({ length: 40 }, (_, user) => user)
const pageEntries = 50
const pagesPerS = 100

export const history: Scenario = {
  name: 'history',
  summary: `pages of ${pageEntries} at random depth over HTTP, 1,000 against 1,000,000 messages in the conversation`,
  async run(bench) {
    const rooms = [1_000, bench.size(1_000_000, 5_000)].map((messages) => ({ kind: 'group' as const, members, messages }))
    const world = await seed(bench.folder(), { users: members.length, rooms }, bench.progress)
    const server = await bench.startGodwit({ folder: world.folder })
    const http = new HttpClient(server.port)
    const tokens = new Tokens(world)
    await tokens.prepare(members)
    const random = createRandom('bench history')
    const pageOf =
      ({ id, head }: SeededRoom) =>
      async () => {
        const before = random.int(pageEntries + 1, head + 1)
        await http.get(`/v1/conversations/${id}/messages?limit=${pageEntries}&before=${before}`, await tokens.of(random.pick(members)))
      }
    const measure = (room: SeededRoom, load: { perS: number } | { atOnce: number }, settleInS = Math.min(1, bench.warmUpS)) =>
      measureOperations({ server, seconds: bench.windowS, settleInS, load, operate: pageOf(room) })
    const [short, long] = world.rooms as [SeededRoom, SeededRoom]
    const parts = await inTurn(bench, async (room) => measure(room === 'short' ? short : long, { perS: pagesPerS }))
    const full = await measure(long, { atOnce: 8 })
    http.end()
    const { rssBytes, peakBytes } = memoryOf(server.pid)
    const [shortMs, longMs] = [parts.short, parts.long].map((figures) => merged(figures).quantile(0.99)) as [number, number]
    return {
      unit: 'page',
      throughputPerS: spreadOf([full.perS]),
      cpuUs: spreadOf([full.cpuUsEach]),
      floorCpuUs: null,
      ratio: null,
      latency: merged(parts.long),
      latencyAt: `${pagesPerS} pages/s of the long one, open loop`,
      rssBytes,
      peakRssBytes: peakBytes,
      windows: [...parts.short, ...parts.long, full].map(({ window }) => window),
      goals: [{ what: `p99 at ${long.head.toLocaleString('en')} to 1,000`, unit: 'x', value: longMs / shortMs, bound: { atMost: 1.5 } }],
      more: { short_p99_ms: shortMs, long_p99_ms: longMs },
      notes: ['a relay keeps nothing to page through: no floor'],
    }
  },
}

async function inTurn(bench: Bench, measure: (room: 'short' | 'long') => Promise<OperationFigures>) {
  const figures = { short: [] as OperationFigures[], long: [] as OperationFigures[] }
  for (let repeat = 0; repeat < bench.repeats; repeat++)
    for (const room of ['short', 'long'] as const) {
      const one = await measure(room)
      figures[room].push(one)
      bench.progress(`${room}: p99 ${one.latency.quantile(0.99).toFixed(2)} ms`)
    }
  return figures
}

export function merged(figures: readonly OperationFigures[]): Histogram {
  const all = new Histogram()
  for (const { latency } of figures) all.add(latency)
  return all
}
