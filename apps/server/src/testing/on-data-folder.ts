/** A command of the operator, as a process of its own on a data folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface Ended {
  /** null when it was killed. */
  readonly code: number | null
  /** What it printed, parsed. */
  readonly lines: readonly Record<string, unknown>[]
  readonly stderr: string
}

export function onDataFolder(folder: string, ...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const env = { ...process.env, GODWIT_DATA: folder }
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines: stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])),
    stderr,
  }))
  return { child, ended }
}
