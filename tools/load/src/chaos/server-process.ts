/** A real server process: started, killed with no warning, started again on the same data and port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** What people start: it keeps compiled code for the next start, so that one takes half the time. */
const godwit = fileURLToPath(new URL('../../../../apps/server/bin/godwit.js', import.meta.url))
const startDeadlineMs = 60_000

export interface ServerOptions {
  readonly port: number
  readonly dataFolder: string
  readonly logFile: string
  /** Besides port and data. */
  readonly env: Readonly<Record<string, string>>
}

export interface StartOptions {
  /** For this start alone. */
  readonly env?: NodeJS.ProcessEnv
  /** What is run with `serve`; without it the `godwit` command. */
  readonly program?: string
  /** A command with its arguments that runs the server's, and leaves it the place of the child: `strace -D …`. */
  readonly under?: readonly string[]
  /** This start is made to see the process end. */
  readonly mayEnd?: boolean
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | null = null
  /** Set while an end of the process is asked for: any other end is a fault of the server. */
  #isEnding = false
  /** Ends that nobody asked for. */
  readonly crashes: string[] = []
  #ended = Promise.withResolvers<Ending>()

  constructor(options: ServerOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#options.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Of the process started last: how it ends, however that comes. */
  get ended(): Promise<Ending> {
    return this.#ended.promise
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  /** Answers when the server does, with how long that took in ms. Throws when it ends instead, or takes a minute. */
  async start({ env: more = {}, program = godwit, under = [], mayEnd = false }: StartOptions = {}): Promise<number> {
    const begun = performance.now()
    const { dataFolder, logFile, env } = this.#options
    const log = createWriteStream(logFile, { flags: 'a' })
    const [command = '', ...args] = [...under, process.execPath, program, 'serve']
    const child = spawn(command, args, {
      env: { ...process.env, ...env, ...more, GODWIT_PORT: String(this.port), GODWIT_DATA: dataFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
      // What the terminal sends to a group (Ctrl-C, Ctrl-Z) is for this run, not for the server.
      detached: true,
    })
    const ended = Promise.withResolvers<Ending>()
    this.#ended = ended
    this.#child = child
    this.#isEnding = mayEnd
    // However this run ends, no server is left behind.
    const killWithUs = () => child.kill('SIGKILL')
    process.once('exit', killWithUs)
    child.stdout?.pipe(log, { end: false })
    child.stderr?.pipe(log, { end: false })
    child.once('exit', (code, signal) => {
      if (!this.#isEnding) this.crashes.push(`the server ended by itself: code ${code}, signal ${signal}`)
      if (this.#child === child) this.#child = null
      process.off('exit', killWithUs)
      log.end()
      ended.resolve({ code, signal })
    })
    while (performance.now() - begun < startDeadlineMs) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server did not start; see ${logFile}`)
      if (await answers(this.url)) return performance.now() - begun
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`the server did not answer within ${startDeadlineMs} ms; see ${logFile}`)
  }

  /** kill -9. Answers when the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM. Answers with the exit code: 0 when it has drained. */
  async stop(): Promise<number | null> {
    return await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    if (!child) return null
    this.#isEnding = true
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill(signal)
    return await gone
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** It stays free as long as nobody else takes it: the server is started on it again and again. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
