/** Runs scenarios one after another, each with servers and folders of its own that end with it. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Bench, Scenario, ScenarioResult } from './bench.ts'
import { measureFloor } from './floor/measure-floor.ts'
import type { RunOptions } from './options.ts'
import { scenarios } from './scenarios/all.ts'
import type { Child } from './servers/child.ts'
import { type Cores, divideCores } from './servers/cores.ts'
import { startDurableRelay, startFloor, startGodwit } from './servers/start.ts'
import { temporaryFolder } from './servers/temporary-folder.ts'

export interface Outcome {
  readonly name: string
  readonly seconds: number
  /** Or why there is none. */
  readonly result: ScenarioResult | Error
}

export interface Run {
  readonly cores: Cores
  readonly measured: Bench['measured']
  /** CPU of the floor for one 1:1 message, in us. */
  readonly floorMessageUs: number
  readonly outcomes: readonly Outcome[]
}

/** Nothing takes longer: a scenario that hangs is told as such, and the next one runs. */
const deadlineMs = 15 * 60_000

export async function run(options: RunOptions, progress: (text: string) => void): Promise<Run> {
  const cores = divideCores()
  if (cores.warning) progress(cores.warning)
  const chosen = scenarios.filter(({ name }) => options.only.includes(name))
  const floorMessageUs = await measureFloor(cores, options.quick)
  progress(`floor: ${floorMessageUs.toFixed(1)} us a 1:1 message`)
  const outcomes: Outcome[] = []
  for (const scenario of chosen) outcomes.push(await runOne(scenario, options, cores, (text) => progress(`${scenario.name}: ${text}`)))
  return { cores, measured: options.measured, floorMessageUs, outcomes }
}

async function runOne(scenario: Scenario, options: RunOptions, cores: Cores, progress: (text: string) => void): Promise<Outcome> {
  await using resources = new AsyncDisposableStack()
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1_000
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it takes too long')), deadlineMs + options.soakMinutes * 60_000)
  resources.defer(() => clearTimeout(timer))
  const servers: Child[] = []
  try {
    const own = async (starting: Promise<Child>) => {
      const server = resources.use(await starting)
      servers.push(server)
      return server
    }
    const bench = createBench(options, { cores, resources, own, progress })
    return { name: scenario.name, result: await Promise.race([scenario.run(bench), late.promise]), seconds: seconds() }
  } catch (error) {
    progress(`failed: ${(error as Error).stack}`)
    for (const { output } of servers) progress(troubleIn(output()))
    return { name: scenario.name, result: error as Error, seconds: seconds() }
  }
}

/** Lines of a server's log from `error` up, and what is no log. */
function troubleIn(output: string): string {
  return output
    .split('\n')
    .filter((line) => !/^{"level":[1-4]0,/.test(line))
    .join('\n')
}

interface Surroundings {
  readonly cores: Cores
  readonly resources: AsyncDisposableStack
  readonly own: (starting: Promise<Child>) => Promise<Child>
  readonly progress: (text: string) => void
}

function createBench(options: RunOptions, { cores, resources, own, progress }: Surroundings): Bench {
  const { quick } = options
  const profileFolder = options.profile === undefined ? undefined : resolve(options.profile)
  if (profileFolder !== undefined) mkdirSync(profileFolder, { recursive: true })
  return {
    measured: options.measured,
    isQuick: quick,
    repeats: options.repeats ?? (quick ? 1 : 5),
    windowS: options.windowS ?? (quick ? 0.5 : 5),
    warmUpS: quick ? 0.3 : 4,
    soakMinutes: options.soakMinutes,
    size: (full, small) => (quick ? small : full),
    progress,
    folder: () => resources.use(temporaryFolder()).path,
    startGodwit: (godwit) =>
      own(options.measured === 'godwit' ? startGodwit(cores, { ...godwit, profileFolder }) : startDurableRelay(cores, godwit.folder)),
    startFloor: () => own(startFloor(cores)),
  }
}
