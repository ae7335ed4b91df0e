/** A server as people run it: a process of its own over a temporary data folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Call, caller } from './memory-server.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly call: Call
  /** Everything it has written, log and errors. */
  output(): string
  hasEnded(): boolean
  rssBytes(): number
  /** Ends it as an operator would; answers the exit code. More than once is fine: a test that fails has to stop it too. */
  stop(): Promise<number | null>
}

export async function startServerProcess(settings: Record<string, string> = {}): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-e2e-'))
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GODWIT_'))
  const env = {
    ...Object.fromEntries(inherited),
    GODWIT_DATA: join(folder, 'data'),
    GODWIT_PORT: '0',
    GODWIT_LOG_FORMAT: 'json',
    ...settings,
  }
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  let output = ''
  child.stderr.on('data', (data) => {
    output += data
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`
      if (line.includes('"listening"')) resolve(JSON.parse(line).url.replace('localhost', '127.0.0.1'))
    })
    ended.then(() => reject(new Error(`the server has ended: ${output}`)))
  })
  return {
    url,
    call: caller(url),
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    rssBytes: () => rssOf(child),
    async stop() {
      child.kill('SIGTERM')
      const code = await ended
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

function rssOf({ pid }: ChildProcess): number {
  const status = `/proc/${pid}/status`
  const kib = existsSync(status)
    ? /VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()
  return Number(kib) * 1024
}
