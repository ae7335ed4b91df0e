/**
 * A round: an empty data folder, a few people with their devices, one blow after another, and in the end the verdict of the history
 * checker over what every device was told and over the raw log.
 */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { check } from '@godwit/history/check.ts'
import { readHistory, writeDumpFile } from '@godwit/history/files.ts'
import type { HistoryLine } from '@godwit/history/history.ts'
import { readDump } from '@godwit/history/sqlite-dump.ts'
import { freePort, ServerProcess, type StartOptions } from '@godwit/load/chaos/server-process.ts'
import { Recorder } from '@godwit/load/drive/recorder.ts'
import { Http } from '@godwit/load/http.ts'
import { askHttp } from '@godwit/load/second-opinion.ts'
import { populate } from '@godwit/load/setup.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import { createWorld, type Person } from '@godwit/load/world/world.ts'
import { type Blow, nameOf, sooner, startOf, wasInjected } from './blows.ts'
import { failpoints } from './failpoints.ts'
import { Newcomers } from './newcomers.ts'
import { Talker } from './talker.ts'
import type { Tally } from './tally.ts'

/** A point that is not passed by then is not reached this time. */
const reachMs = 10_000
/** Tries at a blow that is not reached: what leads to it is left to chance. */
const triesMax = 3
const settleMs = 60_000
/** Answers after a stop or a full disk that show that the server goes on. */
const acksAfterwards = 10

export interface RoundOptions {
  readonly seed: string
  readonly blows: readonly Blow[]
  /** Made; removed when nothing is amiss. */
  readonly folder: string
  readonly tally: Tally
  readonly progress: (text: string) => void
}

export interface RoundResult {
  readonly operations: number
  readonly violations: readonly string[]
}

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, folder } = options
  mkdirSync(folder, { recursive: true })
  const server = new ServerProcess({
    port: await freePort(),
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    env: { GODWIT_REGISTRATIONS_PER_HOUR: '100000', GODWIT_LOG_LEVEL: 'info', GODWIT_LOG_FORMAT: 'json' },
  })
  const recorder = new Recorder(join(folder, 'history.jsonl'))
  let talker: Talker | null = null
  try {
    const violations: string[] = []
    await strikeEmptyFolders(options, server, violations)
    await server.start()
    const world = createWorld({ seed, users: 8, devices: 10 })
    const http = new Http(server.url)
    const population = await populate(world, http, () => {})
    const visitor = await http.login(world.people[0] as (typeof world.people)[number], 'renews its tokens')
    const newcomers = new Newcomers(server.url, seed, visitor)
    talker = new Talker({ url: server.url, random: createRandom(`${seed} talk`), population, newcomers, recorder })
    talker.start()

    const round = new Blows({ ...options, server, talker, recorder, violations })
    await round.begin()
    for (const blow of options.blows) for (let i = 0, due = blow; i < triesMax && !(await round.strike(due)); i++) due = sooner(due)
    await round.rise({})
    violations.push(...(await talker.settle(settleMs)))
    await newcomers.check()
    violations.push(...newcomers.violations)
    // The last messages went out in the last second: what a device has read, it shows.
    const readers = await Promise.all(
      talker.devices.map(async (device) => ({ user: device.userId, token: await device.token(), history: true })),
    )
    const personOf = (user: string) => world.people[population.userIds.indexOf(user as `u_${string}`)] as Person
    const freshToken = async (user: string) => (await http.login(personOf(user), 'second opinion')).accessToken
    const opinions = await askHttp(http, readers, freshToken)
    for (const device of talker.devices) device.recordViews()
    const { operations } = talker
    await talker.close()
    await recorder.close()
    const code = await server.stop()
    if (code !== 0) violations.push(`the server did not drain: exit code ${code}`)
    violations.push(...server.crashes, ...judge(folder, opinions, options.blows.length))
    if (violations.length === 0) rmSync(folder, { recursive: true })
    return { operations, violations }
  } finally {
    await server.kill()
    await talker?.close()
  }
}

/** Before there is anybody: the points that only an empty folder passes. */
async function strikeEmptyFolders({ tally }: RoundOptions, server: ServerProcess, violations: string[]): Promise<void> {
  for (const point of failpoints.filter(({ when }) => when === 'empty')) {
    const blow: Blow = { kind: 'failpoint', point, nth: 1 }
    const started = server.start(startOf(blow, '')).catch(() => null)
    const { signal, code } = await server.ended
    await started
    tally.add(blow, signal === 'SIGKILL')
    if (signal !== 'SIGKILL') violations.push(`${nameOf(blow)}: the server ended with code ${code}`)
  }
}

function judge(folder: string, opinions: readonly HistoryLine[], kills: number): string[] {
  const dump = readDump(join(folder, 'data'))
  writeDumpFile(join(folder, 'dump.jsonl'), dump)
  const file = join(folder, 'history.jsonl')
  appendFileSync(file, opinions.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const verdict = check(readHistory(file), dump, { operationsMin: 5 * kills, faultsMin: Math.ceil(kills / 2) })
  return verdict.kept.map(({ check: name, message, lines }) =>
    [`${name} ${message}`, ...lines.map((line) => JSON.stringify(line))].join('\n    '),
  )
}

interface BlowsOptions extends RoundOptions {
  readonly server: ServerProcess
  readonly talker: Talker
  readonly recorder: Recorder
  readonly violations: string[]
}

class Blows {
  readonly #o: BlowsOptions
  #faults = 0
  /** The fault that the server lies under, if any: it lasts until the server answers again. */
  #fault: string | null = null

  constructor(options: BlowsOptions) {
    this.#o = options
  }

  /** With everybody talking the server is taken down, so that the first blow can be prepared. */
  async begin(): Promise<void> {
    await this.#acks()
    await this.#fall('SIGTERM', () => this.#o.server.stop())
  }

  /** Starts the server so that the blow can strike, and waits until it lies dead. Answers false when it was not reached. */
  async strike(blow: Blow): Promise<boolean> {
    const { talker, tally, violations, folder, progress } = this.#o
    progress(nameOf(blow))
    const trace = join(folder, 'strace.txt')
    rmSync(trace, { force: true })
    talker.favourite = blow.kind === 'failpoint' ? blow.point.by : null
    if (blow.kind === 'failpoint' && blow.point.when === 'starting' && blow.point.by) await this.#leaveWork()
    const isUp = await this.rise(startOf(blow, trace)).then(
      () => true,
      () => false,
    )
    const outcome = await this.#fall(nameOf(blow), () => this.#outcome(blow, isUp, trace))
    tally.add(blow, outcome === 'struck')
    if (outcome !== 'struck' && outcome !== 'not reached') violations.push(`${nameOf(blow)}: ${outcome}`)
    return outcome !== 'not reached'
  }

  /** For what the next start makes good. */
  async #leaveWork(): Promise<void> {
    await this.rise({})
    await this.#acks(5 * acksAfterwards)
    await this.#fall('SIGKILL', () => this.#o.server.kill())
  }

  async rise(options: StartOptions): Promise<void> {
    const { server, talker, recorder } = this.#o
    await server.start(options)
    if (this.#fault) recorder.record({ proc: 'run', op: 'fault', type: 'ok', id: this.#fault })
    this.#fault = null
    talker.wake()
  }

  /** Answers what `run` does, with the server down. */
  async #fall<T>(kind: string, run: () => Promise<T>): Promise<T> {
    const { server, recorder } = this.#o
    const gone = server.ended.then(() => {
      if (this.#fault) return
      this.#fault = `blow-${++this.#faults}`
      recorder.record({ proc: 'run', op: 'fault', type: 'invoke', id: this.#fault, kind })
    })
    const answer = await run()
    await gone
    return answer
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
        process.kill(server.pid as number, 'SIGSTOP')
        await pause(blow.forMs)
        process.kill(server.pid as number, 'SIGCONT')
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
