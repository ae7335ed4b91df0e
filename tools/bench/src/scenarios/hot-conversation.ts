/** Eight people write into one group as fast as it goes, while another group on the same server goes on at its own pace. */
import type { Scenario } from '../bench.ts'
import { connectFleet } from '../load/fleet.ts'
import { closedLoop, openLoop } from '../load/loops.ts'
import { lanesInTurn, type MessageFigures, measureMessages } from '../load/measure.ts'
import { withoutRates } from '../patches.ts'
import { seed } from '../seed/seed.ts'
import { compare, comparedFigures, connectPair, threadCosts } from './compare.ts'

const senders = 8
const hot = Array.from({ length: senders + 2 }, (_, user) => user)
const quiet = hot.map((user) => user + hot.length)
/** As many as the SDK has under way in one conversation. */
const pipelined = 32
const quietPerS = 50

export const hotConversation: Scenario = {
  name: 'hot-conversation',
  summary: `${senders} senders with ${pipelined} under way each in one group, two more members online; a quiet group beside it`,
  async run(bench) {
    const rooms = [hot, quiet].map((members) => ({ kind: 'group' as const, members }))
    const world = await seed(bench.folder(), { users: hot.length + quiet.length, rooms }, bench.progress)
    const server = await bench.startGodwit({ folder: world.folder, patches: withoutRates })
    const aside = await connectFleet({ kind: 'godwit', server, world, online: quiet })
    const measureQuiet = (): Promise<MessageFigures> =>
      measureMessages(aside, {
        seconds: bench.windowS,
        settleInS: Math.min(1, bench.warmUpS),
        start: (exchange) => openLoop(exchange, quietPerS, lanesInTurn(aside.lanes)),
      })
    const pair = await connectPair(bench, world, server, hot)
    const loopOf = ({ lanes }: typeof pair.godwit) => {
      const writing = lanes.filter(({ session }) => session.user < senders)
      return (exchange: typeof aside.exchange) => closedLoop(exchange, senders * pipelined, lanesInTurn(writing))
    }
    const compared = await compare(bench, pair, loopOf)
    const figures = comparedFigures(compared, pair.godwit)
    const alone = await measureQuiet()
    const loop = loopOf(pair.godwit)(pair.godwit.exchange)
    const beside = await measureQuiet()
    await loop.stop()
    const [aloneMs, besideMs] = [alone, beside].map(({ latency }) => latency.quantile(0.99)) as [number, number]
    return {
      unit: `of the ${hot.length - 1} recipients of a message`,
      ...figures,
      latency: (compared.godwit.at(-1) as MessageFigures).latency,
      latencyAt: `${senders * pipelined} under way in the hot group, closed loop`,
      goals: [
        { what: 'appended and acked', unit: 'messages/s', value: figures.throughputPerS.median, bound: { atLeast: 20_000 } },
        { what: "the quiet group's p99 to what it has alone", unit: 'x', value: besideMs / aloneMs, bound: { atMost: 2 } },
      ],
      more: { quiet_alone_p99_ms: aloneMs, quiet_beside_p99_ms: besideMs, ...threadCosts(compared.godwit) },
      notes: ['rate limits lifted: eight people may not write this fast'],
    }
  },
}
