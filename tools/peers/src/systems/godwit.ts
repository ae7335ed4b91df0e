/** Godwit as `npm run bench` measures it: the real server with its defaults, every ack fsynced, delivered receipts and heartbeats. */
import { connectFleet } from '@godwit/bench/load/fleet.ts'
import { keepAlive } from '@godwit/bench/load/keep-alive.ts'
import { comeBack } from '@godwit/bench/load/returning.ts'
import { Tokens } from '@godwit/bench/load/tokens.ts'
import { withoutRates as ratePatches } from '@godwit/bench/patches.ts'
import { seed } from '@godwit/bench/seed/seed.ts'
import { startGodwit } from '@godwit/bench/servers/start.ts'
import { collectGarbage, inspectable } from './node-heap.ts'
import { crowdOf, type System } from './system.ts'

export const godwit: System = {
  name: 'Godwit',
  install() {},
  async start(bench, plan, { withoutRates = false, collects = false } = {}) {
    const world = await seed(bench.folder(), plan, bench.progress)
    const server = await bench.own(
      startGodwit(bench.cores, {
        folder: world.folder,
        patches: withoutRates ? ratePatches : [],
        nodeFlags: collects ? inspectable : [],
      }),
    )
    const tokens = new Tokens(world)
    await tokens.prepare(world.userIds.keys())
    /** Of each device that has been here. */
    const marks = new Map<number, { readonly epoch: string; readonly mark: string }>()
    return {
      title: 'Godwit',
      server,
      async gather() {
        const fleet = await connectFleet({ kind: 'godwit', server, world })
        const staying = keepAlive(fleet, tokens)
        const end = () => {
          staying[Symbol.dispose]()
          fleet.end()
        }
        return crowdOf(fleet, fleet.lanes, fleet.sessions.size, end)
      },
      async visit(user) {
        const { epoch, mark } = marks.get(user) ?? { epoch: null, mark: null }
        const { session, answer } = await comeBack(
          server.port,
          user,
          { server: 'godwit', token: await tokens.of(user), epoch, mark },
          false,
        )
        session.end()
        if (answer) marks.set(user, { epoch: answer.epoch, mark: answer.mark })
      },
      collectGarbage: () => collectGarbage(server),
    }
  },
}
