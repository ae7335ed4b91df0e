/** What scripts read: JSON lines on stdout, and one JSON line with code and message on stderr when something fails. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A failure with a code of the client's own: `UNREACHABLE`, `TIMEOUT`. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function printLine(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Lines on stderr about work that takes long: the first after two seconds, then one every two seconds. */
export function progressPrinter(): (progress: object) => void {
  let last = performance.now()
  return (progress) => {
    if (performance.now() - last < 2_000) return
    last = performance.now()
    process.stderr.write(`${JSON.stringify(progress)}\n`)
  }
}

/** Runs a command. Exit code 0, or 1 (2 for wrong usage) with a line on stderr. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `godwit tail | head -1` closes the pipe: that is the end of the work, not a failure.
    if (error.code === 'EPIPE') process.exit(0)
    printProblem(error)
    process.exit(1)
  })
  try {
    await command()
  } catch (error) {
    printProblem(error)
    process.exitCode = error instanceof CliError && error.code === 'USAGE' ? 2 : 1
  }
}

export function printProblem(error: unknown): void {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL'
  process.stderr.write(`${JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) })}\n`)
}

/** Waits between attempts: from 100 ms doubling to 2 s, with full jitter. */
export async function backOff(attempt: number, atLeastMs = 0): Promise<void> {
  const ceiling = Math.min(2_000, 100 * 2 ** Math.min(attempt, 10))
  await sleep(Math.max(atLeastMs, ceiling * Math.random()))
}
