/** Runs a program to its end. */
import { spawnSync } from 'node:child_process'

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  readonly cwd?: string
  /** It is ended after so long. */
  readonly deadlineMs?: number
}

const deadlineMsDefault = 5 * 60_000
const outputMaxBytes = 64 * 2 ** 20

/** What it wrote to standard output. Throws, with what it wrote to standard error, when it is missing, fails or takes too long. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): string {
  const [file = '', ...args] = command
  const { error, status, signal, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
    input: options.input ?? '',
    cwd: options.cwd,
    timeout: options.deadlineMs ?? deadlineMsDefault,
    maxBuffer: outputMaxBytes,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${signal ?? status}: ${stderr.trim().slice(-2_000)}`)
  return stdout
}
