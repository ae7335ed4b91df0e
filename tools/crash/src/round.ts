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
import { freePort, ServerProcess } from '@godwit/load/chaos/server-process.ts'
import { Recorder } from '@godwit/load/drive/recorder.ts'
import { Http } from '@godwit/load/http.ts'
import type { Pause } from '@godwit/load/pause.ts'
import { askHttp } from '@godwit/load/second-opinion.ts'
import { type Population, populate } from '@godwit/load/setup.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import { createWorld, type Person, type World } from '@godwit/load/world/world.ts'
import { type Blow, nameOf, sooner, startOf } from './blows.ts'
import type { Build } from './build-server.ts'
import { failpoints } from './failpoints.ts'
import { Newcomers } from './newcomers.ts'
import { Striker } from './striker.ts'
import { Talker } from './talker.ts'
import type { Tally } from './tally.ts'
import type { TimeSpent } from './time-spent.ts'

/** Tries at a blow that is not reached: what leads to it is left to chance. */
const triesMax = 3
const settleMs = 60_000

export interface RoundOptions {
  readonly seed: string
  readonly build: Build
  readonly blows: readonly Blow[]
  /** Made; removed when nothing is amiss. */
  readonly folder: string
  readonly tally: Tally
  readonly spent: TimeSpent
  readonly pause: Pause
  readonly progress: (text: string) => void
}

export interface RoundResult {
  readonly operations: number
  readonly violations: readonly string[]
}

interface People {
  readonly world: World
  readonly population: Population
  readonly talker: Talker
  readonly newcomers: Newcomers
}

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { blows, folder, spent } = options
  mkdirSync(folder, { recursive: true })
  const server = new ServerProcess({
    port: await freePort(),
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    env: { GODWIT_REGISTRATIONS_PER_HOUR: '100000', GODWIT_LOG_LEVEL: 'info', GODWIT_LOG_FORMAT: 'json' },
  })
  const recorder = new Recorder(join(folder, 'history.jsonl'))
  const violations: string[] = []
  let talker: Talker | null = null
  try {
    await spent.on('empty folders', () => strikeEmptyFolders(options, server, violations))
    const people = await spent.on('sign-ups', () => gather(options, server, recorder))
    ;({ talker } = people)
    const striker = new Striker({ ...options, server, talker, recorder, violations })
    await striker.begin()
    for (const blow of blows) for (let i = 0, due = blow; i < triesMax && !(await striker.strike(due)); i++) due = sooner(due)
    await striker.rise({})
    const opinions = await spent.on('last look', () => lookAround(people, server, violations))
    await talker.close()
    await recorder.close()
    const code = await server.stop()
    if (code !== 0) violations.push(`the server did not drain: exit code ${code}`)
    violations.push(...server.crashes, ...judge(folder, opinions, blows.length))
    if (violations.length === 0) rmSync(folder, { recursive: true })
    return { operations: talker.operations, violations }
  } finally {
    await server.kill()
    await talker?.close()
  }
}

/** Before there is anybody: the points that only an empty folder passes. */
async function strikeEmptyFolders({ build, tally }: RoundOptions, server: ServerProcess, violations: string[]): Promise<void> {
  for (const point of failpoints.filter(({ when }) => when === 'empty')) {
    const blow: Blow = { kind: 'failpoint', point, nth: 1 }
    const started = server.start(startOf(blow, '', build)).catch(() => null)
    const { signal, code } = await server.ended
    await started
    tally.add(blow, signal === 'SIGKILL')
    if (signal !== 'SIGKILL') violations.push(`${nameOf(blow)}: the server ended with code ${code}`)
  }
}

/** Everybody has signed up, and begins to talk. */
async function gather({ seed }: RoundOptions, server: ServerProcess, recorder: Recorder): Promise<People> {
  await server.start()
  const { url } = server
  const world = createWorld({ seed, users: 8, devices: 10 })
  const http = new Http(url)
  const population = await populate(world, http, () => {})
  const visitor = await http.login(world.people[0] as Person, 'renews its tokens')
  const newcomers = new Newcomers(url, seed, visitor)
  const talker = new Talker({ url, random: createRandom(`${seed} talk`), population, newcomers, recorder })
  talker.start()
  return { world, population, talker, newcomers }
}

/** When all is quiet: what every device shows, and what HTTP says of the same. */
async function lookAround({ world, population, talker, newcomers }: People, server: ServerProcess, violations: string[]) {
  violations.push(...(await talker.settle(settleMs)))
  await newcomers.check()
  violations.push(...newcomers.violations)
  // The last messages went out in the last second: what a device has read, it shows.
  const readers = await Promise.all(
    talker.devices.map(async (device) => ({ user: device.userId, token: await device.token(), history: true })),
  )
  const http = new Http(server.url)
  const personOf = (user: string) => world.people[population.userIds.indexOf(user as `u_${string}`)] as Person
  const freshToken = async (user: string) => (await http.login(personOf(user), 'second opinion')).accessToken
  const opinions = await askHttp(http, readers, freshToken)
  for (const device of talker.devices) device.recordViews()
  return opinions
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
