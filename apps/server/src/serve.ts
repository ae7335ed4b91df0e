/** `godwit serve`: configuration, log, signals and exit codes around `startServer`. */
import { resolve } from 'node:path'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { createLog, isPretty, type Log } from './log.ts'
import { StartError } from './start-error.ts'
import type { RunningServer } from './start-server.ts'
import { wireLocal } from './wire-local.ts'

/** Exit codes: 0 after a drain, 2 when it cannot start as configured, 1 for a fault. */
export async function serve(): Promise<void> {
  const config = configOrExit()
  const log = createLog(config)
  // Nothing that comes in over the network ends here: this is a bug, and going on with unknown state would be worse.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a bug ended the server')
    process.exit(1)
  })
  const folder = resolve(config.data)
  try {
    const store = wireLocal({
      folder,
      onFatal(error) {
        log.fatal({ err: error }, 'the store failed; start again')
        process.exit(1)
      },
      onOlder: (schema) => log.info({ folder, schema }, 'bringing data of an older version up to date: this may take minutes'),
    })
    // Loaded while the threads of the store start: half of a start's time is other than theirs.
    const [wiring, { startServer }] = await Promise.all([store, import('./start-server.ts')])
    const server = await startServer(config, log, wiring).catch(async (error) => {
      await wiring.close()
      throw error
    })
    // Before anybody is told: who reads that it listens may already want it to end.
    drainOnSignals(log, server)
    announce(log, config, server, wiring.profile, folder)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    exitWith([error.message])
  }
}

function drainOnSignals(log: Log, server: RunningServer): void {
  let isDraining = false
  const drain = async (signal: NodeJS.Signals) => {
    if (isDraining) process.exit(1)
    isDraining = true
    log.info({ signal }, 'draining: finishing what was begun; the same signal again ends at once')
    await server.drain()
    log.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', drain)
  process.on('SIGINT', drain)
}

function announce(log: Log, config: Config, { urls }: RunningServer, profile: string, data: string): void {
  log.info({ url: urls[0], urls, data, profile, startUpMs: Math.round(performance.now()) }, 'listening')
  if (!isPretty(config)) return
  const more = urls.slice(1).map((url) => `            ${url}\n`)
  const local = config.host === '127.0.0.1' ? '            (this machine only; GODWIT_HOST=0.0.0.0 opens it to others)\n' : ''
  process.stdout.write(`
  Godwit    ${urls[0]}
${more.join('')}${local}  Data      ${data}
  Profile   ${profile}

  HTTP API at ${urls[0]}/docs, command line: npx godwit --help. Stop with Ctrl-C.

`)
}

function configOrExit(): Config {
  try {
    return loadConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return exitWith([...error.problems, 'Every setting is described in docs/configuration.md; `npx godwit doctor` checks them.'])
  }
}

function exitWith(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`godwit: ${line}\n`)
  process.exit(2)
}
