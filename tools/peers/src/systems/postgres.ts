/** A private PostgreSQL cluster: in a folder of the run, on a free port, on the server's core, gone with the comparison. */
import { appendFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '@godwit/bench/servers/child.ts'
import { freePort } from '@godwit/load/chaos/server-process.ts'
import type { PeersBench } from '../bench.ts'
import { runCommand } from '../install/command.ts'
import { locate } from '../install/debian.ts'
import { asNobody, folderOfNobody } from './unprivileged.ts'

const settings = readFileSync(fileURLToPath(new URL('./postgresql.conf', import.meta.url)), 'utf8')
/** They look after the postmaster; a new one does not start before they are gone. */
const childrenEndMs = 2_000
export const superuser = 'bench'

export class Postgres {
  readonly #bin: string
  readonly #bench: PeersBench
  readonly #data: string
  readonly port: number
  readonly title: string
  #server: Child | null = null

  private constructor(bench: PeersBench, bin: string, data: string, port: number) {
    this.#bench = bench
    this.#bin = bin
    this.#data = data
    this.port = port
    this.title = runCommand([join(bin, 'postgres'), '--version']).trim()
  }

  /** `roots`: where its programs may be. */
  static async start(bench: PeersBench, roots: readonly string[]): Promise<Postgres> {
    const bin = dirname(locate(roots, ['usr/lib/postgresql/*/bin/postgres']))
    const data = join(folderOfNobody(join(bench.folder(), 'postgres')), 'data')
    runCommand([...asNobody, join(bin, 'initdb'), '-D', data, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C'])
    appendFileSync(join(data, 'postgresql.conf'), settings)
    const postgres = new Postgres(bench, bin, data, await freePort())
    await postgres.start()
    return postgres
  }

  /** The postmaster; all others are below it. */
  get pid(): number {
    return (this.#server as Child).pid
  }

  /** Also after `kill`: it recovers what was committed. */
  async start(): Promise<void> {
    const { port } = this
    const command = [...this.#bench.cores.pinned, ...asNobody, join(this.#bin, 'postgres'), '-D', this.#data, '-p', String(port)]
    this.#server = await this.#bench.own(
      startChild({
        // It speaks on standard error.
        command: ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...command],
        env: process.env,
        portIn: (line) => (line.includes('ready to accept connections') ? port : null),
        endSignal: 'SIGQUIT',
      }),
    )
  }

  /** kill -9 of the postmaster; its children end when they notice. */
  async kill(): Promise<void> {
    await this.#server?.end('SIGKILL')
    await sleep(childrenEndMs)
  }

  /** Runs statements, the last of which may be a query: its rows, the columns of each parted by tabs. */
  sql(database: string, statements: string): string[] {
    const where = ['-h', '127.0.0.1', '-p', String(this.port), '-U', superuser, '-d', database]
    const output = runCommand([join(this.#bin, 'psql'), ...where, '-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1'], {
      input: statements,
    })
    return output.split('\n').filter((line) => line !== '')
  }
}
