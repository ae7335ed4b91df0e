/** One blow after another on a server under load. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerProcess, StartOptions } from '@godwit/load/chaos/server-process.ts'
import type { Recorder } from '@godwit/load/drive/recorder.ts'
import type { Pause } from '@godwit/load/pause.ts'
import { type Blow, nameOf, startOf, wasInjected } from './blows.ts'
import type { Build } from './build-server.ts'
import type { Talker } from './talker.ts'
import type { Tally } from './tally.ts'
import type { TimeSpent } from './time-spent.ts'

/** A point that is not passed by then is not reached this time. */
const reachMs = 10_000
/** Answers after a stop or a full disk that show that the server goes on. */
const acksAfterwards = 10

export interface StrikerOptions {
  readonly build: Build
  readonly folder: string
  readonly tally: Tally
  readonly spent: TimeSpent
  readonly pause: Pause
  readonly progress: (text: string) => void
  readonly server: ServerProcess
  readonly talker: Talker
  readonly recorder: Recorder
  readonly violations: string[]
}

/** Starts the server for each blow, and sees it struck. */
export class Striker {
  readonly #o: StrikerOptions
  #faults = 0
  /** The fault that the server lies under, if any: it lasts until the server answers again. */
  #fault: string | null = null

  constructor(options: StrikerOptions) {
    this.#o = options
  }

  /** With everybody talking the server is taken down, so that the first blow can be prepared. */
  async begin(): Promise<void> {
    await this.#acks()
    await this.#fall('SIGTERM', () => this.#o.server.stop())
  }

  /** Starts the server so that the blow can strike, and waits until it lies dead. Answers false when it was not reached. */
  async strike(blow: Blow): Promise<boolean> {
    const { build, talker, tally, spent, violations, folder, pause, progress } = this.#o
    // No server runs, and devices wait for one at any length.
    await pause.here()
    progress(nameOf(blow))
    const trace = join(folder, 'strace.txt')
    rmSync(trace, { force: true })
    talker.favourite = blow.kind === 'failpoint' ? blow.point.by : null
    if (blow.kind === 'failpoint' && blow.point.when === 'starting' && blow.point.by) await spent.on('work left', () => this.#leaveWork())
    const isUp = await spent.on('start', () =>
      this.rise(startOf(blow, trace, build)).then(
        () => true,
        () => false,
      ),
    )
    const outcome = await this.#fall(nameOf(blow), () => spent.on('strike', () => this.#outcome(blow, isUp, trace)))
    tally.add(blow, outcome === 'struck')
    if (outcome !== 'struck' && outcome !== 'not reached') violations.push(`${nameOf(blow)}: ${outcome}`)
    return outcome !== 'not reached'
  }

  /** For what the next start makes good. */
  async #leaveWork(): Promise<void> {
    await this.rise(this.#o.build)
    await this.#acks(5 * acksAfterwards)
    await this.#fall('SIGKILL', () => this.#o.server.kill())
  }

  async rise(options: StartOptions): Promise<void> {
    const { server, talker } = this.#o
    await server.start(options)
    this.#healed()
    talker.wake()
  }

  /** Answers what `run` does, with the server down. */
  async #fall<T>(kind: string, run: () => Promise<T>): Promise<T> {
    const gone = this.#o.server.ended.then(() => this.#struck(kind))
    const answer = await run()
    await gone
    return answer
  }

  #struck(kind: string): void {
    if (this.#fault) return
    this.#fault = `blow-${++this.#faults}`
    this.#o.recorder.record({ proc: 'run', op: 'fault', type: 'invoke', id: this.#fault, kind })
  }

  #healed(): void {
    if (this.#fault) this.#o.recorder.record({ proc: 'run', op: 'fault', type: 'ok', id: this.#fault })
    this.#fault = null
  }

  async #outcome(blow: Blow, isUp: boolean, trace: string): Promise<string> {
    const { server } = this.#o
    if (!isUp && (blow.kind === 'kill' || blow.kind === 'stop' || blow.kind === 'disk-full')) {
      await server.kill()
      return 'the server did not start'
    }
    switch (blow.kind) {
      case 'kill':
        await pause(blow.afterMs)
        await server.kill()
        return 'struck'
      case 'stop':
        await this.#acks()
        this.#struck('SIGSTOP')
        process.kill(server.pid as number, 'SIGSTOP')
        await pause(blow.forMs)
        process.kill(server.pid as number, 'SIGCONT')
        this.#healed()
        return this.#goesOn('struck')
      case 'disk-full':
        await this.#until(() => wasInjected(trace))
        return this.#goesOn(wasInjected(trace) ? 'struck' : 'not reached')
      case 'fsync-error':
      case 'syscall':
      case 'failpoint': {
        if (blow.kind === 'failpoint' && blow.point.when === 'stopping' && isUp) {
          await this.#acks()
          void server.stop()
        }
        const ending = await Promise.race([server.ended, pause(reachMs).then(() => null)])
        if (ending === null) {
          await server.kill()
          return 'not reached'
        }
        const isExpected = blow.kind === 'fsync-error' ? (ending.code ?? 0) > 0 : ending.signal === 'SIGKILL'
        return isExpected ? 'struck' : `the server ended with ${ending.signal ?? `code ${ending.code}`}`
      }
    }
  }

  /** Lives on, and answers; then it is killed, so that the next can begin. */
  async #goesOn(outcome: string): Promise<string> {
    const { server } = this.#o
    const goesOn = await this.#acks()
    const { isRunning } = server
    await server.kill()
    return goesOn ? outcome : isRunning ? 'the server answers nothing afterwards' : 'the server ended'
  }

  #acks(count = acksAfterwards): Promise<boolean> {
    const { talker } = this.#o
    const enough = talker.acked + count
    return this.#until(() => talker.acked >= enough)
  }

  async #until(condition: () => boolean): Promise<boolean> {
    const { server } = this.#o
    const end = performance.now() + reachMs
    while (!condition()) {
      if (performance.now() > end || !server.isRunning) return false
      await pause(5)
    }
    return true
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
