/** The server under test: the listeners, gateway, chat and store of `godwit serve`, in this process so that its coverage can be read. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocal } from '@godwit/backend-local/open-local.ts'
import { pino } from 'pino'
import { loadConfig } from '../../../apps/server/src/config.ts'
import { startServer } from '../../../apps/server/src/start-server.ts'
import { skippingClock } from '../../../apps/server/src/testing/memory-server.ts'

export interface FuzzServer {
  readonly url: string
  readonly port: number
  /** Lets time jump: budgets fill again, and nobody has to wait. */
  skip(ms: number): void
  stop(): Promise<void>
}

/** `onFault` hears of every log line at `error` or above, and of the end of the store. Data is in memory where the system has a folder for that. */
export async function startFuzzServer(onFault: (what: string) => void): Promise<FuzzServer> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'godwit-fuzz-'))
  const log = pino({ level: 'error' }, { write: (line) => onFault(line.trim()) })
  const clock = skippingClock()
  const store = await openLocal({ folder, onFatal: (error) => onFault(`the store has ended: ${error.stack}`) })
  const server = await startServer(loadConfig({ GODWIT_PORT: '0' }), log, { profile: 'local', worker: 0, ...store, clock })
  const url = (server.urls[0] as string).replace('localhost', '127.0.0.1')
  return {
    url,
    port: Number(new URL(url).port),
    skip: clock.skip,
    async stop() {
      await server.drain()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
