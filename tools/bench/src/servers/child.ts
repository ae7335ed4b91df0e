/** A server as a child process: started, watched for its first words, and gone with this process however that ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Child {
  readonly pid: number
  /** Processes that work for it, a database say: their CPU, and that of all below them, is the server's. */
  readonly helpers?: readonly number[]
  readonly port: number
  /** From the start of the process to the moment it says that it listens. */
  readonly startUpMs: number
  /** Rejects when the process ends by itself; never settles otherwise. */
  readonly died: Promise<never>
  /** The end of what it has written. */
  output(): string
  /** Answers when the process is gone. */
  end(signal?: NodeJS.Signals): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface ChildOptions {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The port, from the line that tells of it; null for any other line. */
  readonly portIn: (line: string) => number | null
  /** How it is ended when its scenario is over; SIGKILL when left out, for nothing of it is needed any more. */
  readonly endSignal?: NodeJS.Signals
}

const startDeadlineMs = 60_000
/** Longer than a server takes to drain and to write its profile. */
const endDeadlineMs = 30_000
const outputKeptChars = 20_000

const live = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL')
})

export async function startChild({ command, env, portIn, endSignal = 'SIGKILL' }: ChildOptions): Promise<Child> {
  const begun = performance.now()
  const [file = '', ...args] = command
  const process = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  live.add(process)
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-outputKeptChars)
  }
  let isEnding = false
  const ended = new Promise<void>((resolve) => {
    process.once('error', (error) => keep(String(error)))
    process.once('close', () => {
      live.delete(process)
      resolve()
    })
  })
  const died = new Promise<never>((_, reject) => {
    ended.then(() => isEnding || reject(new Error(`${command.join(' ')} has ended by itself:\n${output}`)))
  })
  died.catch(() => {})
  process.stderr.on('data', (data) => keep(String(data)))

  const end = async (signal: NodeJS.Signals = endSignal) => {
    isEnding = true
    process.kill(signal)
    const late = setTimeout(() => process.kill('SIGKILL'), endDeadlineMs)
    await ended
    clearTimeout(late)
  }
  const listening = new Promise<number>((resolve) => {
    createInterface({ input: process.stdout }).on('line', (line) => {
      keep(`${line}\n`)
      const port = portIn(line)
      if (port !== null) resolve(port)
    })
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${command.join(' ')} does not listen after ${startDeadlineMs} ms:\n${output}`)),
      startDeadlineMs,
    )
  })
  try {
    const port = await Promise.race([listening, died, late])
    return {
      pid: process.pid as number,
      port,
      startUpMs: performance.now() - begun,
      died,
      output: () => output,
      end,
      [Symbol.asyncDispose]: () => end(),
    }
  } catch (error) {
    await end()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
