/** ejabberd with its message archive (MAM) in PostgreSQL, both on the server's core. */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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
import { attributeOf } from '../clients/stanza-reader.ts'
import { XmppSession } from '../clients/xmpp-session.ts'
import { locate, unpackPackages } from '../install/debian.ts'
import { connectAll } from './connect-all.ts'
import { Postgres, superuser } from './postgres.ts'
import { crowdOf, type DurableRunning, type System } from './system.ts'
import { asNobody, folderOfNobody } from './unprivileged.ts'

const packages = ['ejabberd', 'erlang-p1-pgsql', 'postgresql']
const configuration = readFileSync(fileURLToPath(new URL('./ejabberd.yml', import.meta.url)), 'utf8')
const domain = 'localhost'
const password = 'a long walk before rain'
const nameOf = (user: number) => `bench${user}`
const addressOf = (user: number) => `${nameOf(user)}@${domain}`

export const ejabberd: System<DurableRunning> = {
  name: 'ejabberd',
  install(progress) {
    unpackPackages(packages, progress)
  },
  async start(bench, plan, { collects = false } = {}) {
    const roots = unpackPackages(packages, bench.progress)
    const postgres = await Postgres.start(bench, roots)
    fillDatabase(postgres, plan, locate(roots, ['usr/share/ejabberd/sql/pg.sql']))
    const port = await freePort()
    const server = {
      ...(await bench.own(startEjabberd(bench, roots, { port, sqlPort: postgres.port, collects }))),
      helpers: [postgres.pid],
    }
    const connect = (user: number, ears: Ears<XmppSession>) => new XmppSession({ port, domain, name: nameOf(user), password, ears })
    return {
      title: `${basename(dirname(ebinOf(roots)))}, ${postgres.title}`,
      server,
      async gather() {
        const exchange = new Exchange<XmppSession>({ acks: true })
        const sessions = await connectAll(plan.users, (user) => connect(user, exchange))
        const end = () => {
          for (const session of sessions) session.end()
        }
        return crowdOf({ kind: 'ejabberd', server, exchange }, lanesOf(plan, sessions), sessions.length, end)
      },
      async visit(user) {
        const session = connect(user, deaf)
        await session.ready
        session.end()
      },
      async collectGarbage() {
        await sleep(collectEveryMs * 2)
      },
      async kill() {
        await Promise.all([server.end('SIGKILL'), postgres.kill()])
        await postgres.start()
        const rows = postgres.sql('ejabberd', "SELECT substr(xml, 1, 400) FROM archive WHERE kind = 'chat'")
        return new Set(rows.map((xml) => numberOf(attributeOf(xml, 'id'))))
      },
    }
  },
}

const ebinOf = (roots: readonly string[]) => dirname(locate(roots, ['usr/lib/*/ejabberd-*/ebin/ejabberd.beam']))

/** The schema of the package, and an account for each user. */
function fillDatabase(postgres: Postgres, { users }: WorldPlan, schema: string): void {
  postgres.sql('postgres', 'CREATE DATABASE ejabberd')
  postgres.sql('ejabberd', readFileSync(schema, 'utf8'))
  postgres.sql(
    'ejabberd',
    `INSERT INTO users (username, password) SELECT 'bench' || n, '${password}' FROM generate_series(0, ${users - 1}) AS n; ANALYZE`,
  )
}

interface EjabberdOptions {
  readonly port: number
  readonly sqlPort: number
  readonly collects: boolean
}

/** Each process collects garbage again and again: BEAM has no other way for one that waits. */
const collectEveryMs = 5_000
const collecting = `F = fun(F) -> timer:sleep(${collectEveryMs}), lists:foreach(fun erlang:garbage_collect/1, processes()), F(F) end, spawn(fun() -> F(F) end).`

/** As its control script does, without a name in an Erlang cluster. */
function startEjabberd(bench: PeersBench, roots: readonly string[], { port, sqlPort, collects }: EjabberdOptions): Promise<Child> {
  const folder = folderOfNobody(join(bench.folder(), 'ejabberd'))
  const config = join(folder, 'ejabberd.yml')
  const values: Record<string, string> = { PORT: `${port}`, SQL_PORT: `${sqlPort}`, SQL_USER: superuser }
  writeFileSync(
    config,
    configuration.replaceAll(/\$(\w+)/g, (_, name: string) => values[name] ?? ''),
  )
  const binaries = dirname(locate(roots, ['usr/lib/erlang/erts-*/bin/erlexec']))
  const libraries = join(ebinOf(roots), '../..')
  const env = {
    ...process.env,
    HOME: folder,
    ROOTDIR: join(binaries, '../..'),
    BINDIR: binaries,
    EMU: 'beam',
    PROGNAME: 'erl',
    ERL_LIBS: [libraries, ...roots.map((root) => join(root, 'usr/lib/erlang/lib'))].join(':'),
    LD_LIBRARY_PATH: libraries,
    EJABBERD_CONFIG_PATH: config,
    EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    ERL_CRASH_DUMP: join(folder, 'crash.dump'),
  }
  return startChild({
    // Poll and processes as in the script; in its favour, schedulers that wait do so without burning the core they share with PostgreSQL.
    command: [
      ...['sh', '-c', 'cd "$0" && exec "$@" 2>&1', folder],
      ...[...bench.cores.pinned, ...asNobody, join(binaries, 'erlexec'), '+K', 'true', '+P', '250000'],
      ...['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none', '-noinput'],
      ...[
        '-mnesia',
        'dir',
        `"${folder}"`,
        '-s',
        'ejabberd',
        ...(collects ? ['-eval', collecting] : []),
        '-eval',
        'io:format("ejabberd is up~n").',
      ],
    ],
    env,
    portIn: (line) => (line === 'ejabberd is up' ? port : null),
  })
}

/** Each direct conversation has two lanes: to each other's address. */
function lanesOf({ rooms }: WorldPlan, sessions: readonly XmppSession[]): Lane<XmppSession>[] {
  const lane = (from: number, to: number) => ({
    session: sessions[from] as XmppSession,
    room: { id: addressOf(to), online: 2 },
    unacked: -1,
  })
  return rooms.flatMap(({ kind, members: [one, other] }) =>
    kind === 'direct' && one !== undefined && other !== undefined ? [lane(one, other), lane(other, one)] : [],
  )
}
