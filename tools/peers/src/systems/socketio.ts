/** socket.io: nothing is stored; a message is acknowledged when it has been handed to the sockets. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Exchange, type Lane } from '@godwit/bench/load/exchange.ts'
import type { Ears } from '@godwit/bench/load/session.ts'
import type { WorldPlan } from '@godwit/bench/seed/world.ts'
import { type Child, startChild } from '@godwit/bench/servers/child.ts'
import type { Cores } from '@godwit/bench/servers/cores.ts'
import { deaf } from '../clients/deaf.ts'
import { SocketioSession } from '../clients/socketio-session.ts'
import { connectAll } from './connect-all.ts'
import { collectGarbage, inspectable } from './node-heap.ts'
import { crowdOf, type System } from './system.ts'

const program = fileURLToPath(new URL('./socketio-server.ts', import.meta.url))
const { version } = createRequire(import.meta.url)('socket.io/package.json') as { readonly version: string }
export const socketioTitle = `socket.io ${version}`

export const socketio: System = {
  name: 'socket.io',
  /** npm has brought it: it is a development dependency. */
  install() {},
  async start(bench, plan, { collects = false } = {}) {
    const server = await bench.own(startSocketio(bench.cores, { nodeFlags: collects ? inspectable : [] }))
    const roomsOf = roomsByUser(plan)
    const connect = (user: number, ears: Ears<SocketioSession>) =>
      new SocketioSession({ port: server.port, rooms: roomsOf[user] as string[], ears })
    return {
      title: socketioTitle,
      server,
      async gather() {
        const exchange = new Exchange<SocketioSession>({ acks: true })
        const sessions = await connectAll(plan.users, (user) => connect(user, exchange))
        const end = () => {
          for (const session of sessions) session.end()
        }
        return crowdOf({ kind: 'socket.io', server, exchange }, lanesOf(plan, sessions), sessions.length, end)
      },
      async visit(user) {
        const session = connect(user, deaf)
        await session.ready
        session.end()
      },
      collectGarbage: () => collectGarbage(server),
    }
  },
}

export interface SocketioOptions {
  /** Connection state recovery. */
  readonly recovers?: boolean
  /** For Node. */
  readonly nodeFlags?: readonly string[]
}

export function startSocketio(cores: Cores, { recovers = false, nodeFlags = [] }: SocketioOptions): Promise<Child> {
  return startChild({
    command: [...cores.pinned, process.execPath, ...nodeFlags, program, ...(recovers ? ['recovery'] : [])],
    env: process.env,
    portIn: (line) => Number(/^listening on (\d+)$/.exec(line)?.[1] ?? Number.NaN) || null,
  })
}

const roomName = (index: number) => `room-${index}`

function roomsByUser({ users, rooms }: WorldPlan): string[][] {
  const names = Array.from({ length: users }, (): string[] => [])
  for (const [index, { members }] of rooms.entries()) for (const user of members) names[user]?.push(roomName(index))
  return names
}

function lanesOf({ rooms }: WorldPlan, sessions: readonly SocketioSession[]): Lane<SocketioSession>[] {
  return rooms.flatMap(({ members }, index) => {
    const room = { id: roomName(index), online: members.length }
    return members.map((user) => ({ session: sessions[user] as SocketioSession, room, unacked: -1 }))
  })
}
