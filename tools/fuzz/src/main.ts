/** `npm run fuzz -- --inputs N [--seed S]`, and `--repeat INPUT` for one that a run has reported. */
import { optionsOrExit } from '@godwit/load/command-line.ts'
import { Pause } from '../../load/src/pause.ts'
import { Coverage } from './coverage.ts'
import type { Faults } from './fuzz.ts'
import type { Input } from './input.ts'
import { help, readOptions } from './options.ts'

const options = optionsOrExit(help, readOptions)
const say = (line: string) => console.log(line)

// Before the code is loaded, or its functions would not be counted.
const coverage = new Coverage()
coverage.start()
const [{ startFuzzServer }, { fuzz }, { hasGrown, told }, { Lane }, { makeNeighbours }] = await Promise.all([
  import('./server.ts'),
  import('./fuzz.ts'),
  import('./memory.ts'),
  import('./lane.ts'),
  import('./life.ts'),
])

const noted: string[] = []
const faults: Faults = { take: () => noted.splice(0) }
// The server would end here.
process.on('uncaughtException', (error) => noted.push(`crash: ${error.stack}`))
process.on('unhandledRejection', (error) => noted.push(`crash: ${error instanceof Error ? error.stack : error}`))
const server = await startFuzzServer((what) => noted.push(what))

process.exitCode = 1
try {
  process.exitCode = options.repeat === undefined ? await run() : await repeat(options.repeat)
} catch (error) {
  say(`the run itself has failed: ${error instanceof Error ? error.stack : error}`)
} finally {
  await server.stop()
  coverage.stop()
}

/** What went wrong is told when it is found, with its inputs, and once more at the end, where it is not lost behind them. */
async function run(): Promise<number> {
  const { inputs, seed } = options
  say(`seed ${seed}`)
  const { tally, defects, defectCount, corpus, memory } = await fuzz(server, coverage, faults, { inputs, seed, pause: new Pause(1), say })
  for (const line of tally.lines()) say(line)
  for (const label of tally.missing) say(`never accepted: ${label}`)
  say(`${corpus} inputs kept; ${coverage.functionsReached} of ${coverage.functionsKnown} functions reached`)
  say(told(memory.warm, memory.end))
  for (const defect of defects) say(`defect: ${defect}`)
  say(`${tally.inputs} inputs, ${tally.accepted} accepted, ${defectCount} crashes`)
  return defectCount === 0 && tally.missing.length === 0 && !hasGrown(memory.warm, memory.end) ? 0 : 1
}

async function repeat(input: Input): Promise<number> {
  say(JSON.stringify(input, null, 2))
  const lane = new Lane(server, await makeNeighbours(server.url))
  const outcome = await lane.run(input)
  lane.end()
  const found = faults.take()
  say(JSON.stringify(outcome, null, 2))
  for (const fault of found) say(fault)
  return outcome.defect === null && found.length === 0 ? 0 : 1
}
