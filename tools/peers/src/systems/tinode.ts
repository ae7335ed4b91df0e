/** Tinode with its messages in PostgreSQL, both on the server's core. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Exchange, type Lane } from '@godwit/bench/load/exchange.ts'
import type { Ears } from '@godwit/bench/load/session.ts'
import type { WorldPlan } from '@godwit/bench/seed/world.ts'
import { type Child, startChild } from '@godwit/bench/servers/child.ts'
import { freePort } from '@godwit/load/chaos/server-process.ts'
import type { PeersBench } from '../bench.ts'
import { deaf } from '../clients/deaf.ts'
import { numberOf } from '../clients/message-ids.ts'
import { createAccounts, type TinodeAccount } from '../clients/tinode-accounts.ts'
import { TinodeSession } from '../clients/tinode-session.ts'
import { runCommand } from '../install/command.ts'
import { unpackPackages } from '../install/debian.ts'
import { buildPrograms, type GoModule } from '../install/go.ts'
import { connectAll } from './connect-all.ts'
import { Postgres, superuser } from './postgres.ts'
import { crowdOf, type DurableRunning, type System } from './system.ts'

const packages = ['postgresql']
const module: GoModule = {
  name: 'tinode',
  path: 'github.com/tinode/chat',
  version: 'v0.22.13',
  sum: 'h1:Qrx9+ks6glQTNkCsmgaEYneLqloQtNcd6OmAmWNtmnU=',
  tags: 'postgres',
  programs: ['server', 'tinode-db'],
}
const configuration = readFileSync(fileURLToPath(new URL('./tinode.conf', import.meta.url)), 'utf8')

export const tinode: System<DurableRunning> = {
  name: 'tinode',
  install(progress) {
    unpackPackages(packages, progress)
    buildPrograms(module, progress)
  },
  async start(bench, plan, { collects = false } = {}) {
    const postgres = await Postgres.start(bench, unpackPackages(packages, bench.progress))
    const programs = buildPrograms(module, bench.progress)
    const port = await freePort()
    const config = writeConfiguration(bench, { PORT: `${port}`, SQL_PORT: `${postgres.port}`, SQL_USER: superuser })
    createDatabase(postgres, [join(programs, 'tinode-db'), '-config', config])
    const server = {
      ...(await bench.own(startTinode(bench, join(programs, 'server'), { port, config, collects }))),
      helpers: [postgres.pid],
    }
    const accounts = await createAccounts(port, plan.users)
    const peersOf = peersByUser(plan, accounts)
    const connect = (user: number, topics: readonly string[], ears: Ears<TinodeSession>) =>
      new TinodeSession({ port, token: (accounts[user] as TinodeAccount).token, topics, ears })
    return {
      title: `Tinode ${module.version.slice(1)}, ${postgres.title}`,
      server,
      async gather() {
        const exchange = new Exchange<TinodeSession>({ acks: true })
        const sessions = await connectAll(plan.users, (user) => connect(user, peersOf[user] as string[], exchange))
        const end = () => {
          for (const session of sessions) session.end()
        }
        return crowdOf({ kind: 'tinode', server, exchange }, lanesOf(plan, accounts, sessions), sessions.length, end)
      },
      async visit(user) {
        const session = connect(user, (peersOf[user] as string[]).slice(0, 1), deaf)
        await session.ready
        session.end()
      },
      async collectGarbage() {
        await sleep(pagesGoBackMs)
      },
      async kill() {
        await Promise.all([server.end('SIGKILL'), postgres.kill()])
        await postgres.start()
        return new Set(postgres.sql('tinode', "SELECT split_part(content #>> '{}', ' ', 1) FROM messages").map(numberOf))
      },
    }
  },
}

function writeConfiguration(bench: PeersBench, values: Readonly<Record<string, string>>): string {
  const file = join(bench.folder(), 'tinode.conf')
  writeFileSync(
    file,
    configuration.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => values[name] as string),
  )
  return file
}

/** With the schema of its own program. */
function createDatabase(postgres: Postgres, initialise: readonly string[]): void {
  // As long as there is no `tinode`, it connects to the database that is called like the user.
  postgres.sql('postgres', `CREATE DATABASE ${superuser}`)
  runCommand(initialise)
}

interface TinodeServerOptions {
  readonly port: number
  readonly config: string
  readonly collects: boolean
}

/** Nothing from outside makes Go collect, so free pages are waited for that it gives back by itself. */
const pagesGoBackMs = 10_000
/** So that its heap is within a tenth of what lives, and not twice that, which is what Go plans for. */
const collecting = { GOGC: '10' }

/** It logs every frame that it hears, and there is no setting against that; so its log goes to a file, and is told when it listens or ends. */
function startTinode(bench: PeersBench, program: string, { port, config, collects }: TinodeServerOptions): Promise<Child> {
  const log = join(bench.folder(), 'tinode.log')
  const script = '(until grep -q "Listening for" "$0" || ! kill -0 $$; do sleep 0.1; done; cat "$0") 2>&1 & exec "$@" 2>"$0"'
  return startChild({
    command: ['sh', '-c', script, log, ...bench.cores.pinned, program, '-config', config, '-static_data', '-'],
    env: { ...process.env, ...(collects && collecting) },
    portIn: (line) => (line.includes('Listening for') ? port : null),
  })
}

function peersByUser({ users, rooms }: WorldPlan, accounts: readonly TinodeAccount[]): string[][] {
  const peers = Array.from({ length: users }, (): string[] => [])
  for (const [from, to] of talksOf(rooms)) peers[from]?.push((accounts[to] as TinodeAccount).id)
  return peers
}

function lanesOf({ rooms }: WorldPlan, accounts: readonly TinodeAccount[], sessions: readonly TinodeSession[]): Lane<TinodeSession>[] {
  return talksOf(rooms).map(([from, to]) => ({
    session: sessions[from] as TinodeSession,
    room: { id: (accounts[to] as TinodeAccount).id, online: 2 },
    unacked: -1,
  }))
}

/** Who writes to whom: each direct conversation both ways, because each one knows it by the other's id. */
const talksOf = (rooms: WorldPlan['rooms']): (readonly [number, number])[] =>
  rooms.flatMap(({ kind, members: [one, other] }) =>
    kind === 'direct' && one !== undefined && other !== undefined
      ? ([
          [one, other],
          [other, one],
        ] as const)
      : [],
  )
