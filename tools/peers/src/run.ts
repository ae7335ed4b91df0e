/** Runs comparisons one after another, each with servers and folders of its own that end with it. */
import type { Child } from '@godwit/bench/servers/child.ts'
import { type Cores, divideCores } from '@godwit/bench/servers/cores.ts'
import { temporaryFolder } from '@godwit/bench/servers/temporary-folder.ts'
import type { Comparison, PeersBench, Result } from './bench.ts'
import type { PeerComparisons } from './comparisons/all.ts'
import { NotHere } from './install/not-here.ts'
import type { RunOptions } from './options.ts'

export interface Outcome {
  readonly name: string
  readonly seconds: number
  /** Or why there is none: `NotHere` when it was skipped. */
  readonly result: Result | Error
}

export interface Run {
  readonly cores: Cores
  readonly outcomes: readonly Outcome[]
}

/** Nothing takes longer: a comparison that hangs is told as such, and the next one runs. */
const deadlineMs = 8 * 60_000

export async function run(options: RunOptions, progress: (text: string) => void): Promise<Run> {
  const cores = divideCores()
  if (cores.warning) progress(cores.warning)
  const outcomes: Outcome[] = []
  for (const { peer, comparisons } of options.chosen) {
    const missing = whatIsMissing(peer, progress)
    for (const comparison of comparisons)
      if (missing) outcomes.push({ name: comparison.name, result: missing, seconds: 0 })
      else outcomes.push(await runOne(comparison, options, cores, (text) => progress(`${comparison.name}: ${text}`)))
  }
  return { cores, outcomes }
}

function whatIsMissing(peer: PeerComparisons['peer'], progress: (text: string) => void): Error | null {
  try {
    peer.install(progress)
    return null
  } catch (error) {
    if (!(error instanceof NotHere)) throw error
    progress(`${peer.name} is skipped: ${error.message}`)
    return error
  }
}

async function runOne(comparison: Comparison, options: RunOptions, cores: Cores, progress: (text: string) => void): Promise<Outcome> {
  await using resources = new AsyncDisposableStack()
  const { name } = comparison
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1_000
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it takes too long')), deadlineMs)
  resources.defer(() => clearTimeout(timer))
  const servers: Child[] = []
  const own = async (starting: Promise<Child>) => {
    const server = resources.use(await starting)
    servers.push(server)
    return server
  }
  try {
    return {
      name,
      result: await Promise.race([comparison.run(createBench(options, cores, resources, own, progress)), late.promise]),
      seconds: seconds(),
    }
  } catch (error) {
    progress(`failed: ${(error as Error).stack}`)
    for (const { output } of servers) progress(output().slice(-2_000))
    return { name, result: error as Error, seconds: seconds() }
  }
}

function createBench(
  { quick, repeats, windowS }: RunOptions,
  cores: Cores,
  resources: AsyncDisposableStack,
  own: PeersBench['own'],
  progress: (text: string) => void,
): PeersBench {
  return {
    isQuick: quick,
    repeats: repeats ?? (quick ? 1 : 5),
    windowS: windowS ?? (quick ? 0.5 : 4),
    warmUpS: quick ? 0.3 : 4,
    cores,
    size: (full, small) => (quick ? small : full),
    progress,
    folder: () => resources.use(temporaryFolder()).path,
    own,
  }
}
