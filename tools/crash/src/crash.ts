/** `npm run crash -- --kills 5000`: kills a real server under real load, at every named point and system call, and judges. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { optionsOrExit } from '@godwit/load/command-line.ts'
import { Pause } from '@godwit/load/pause.ts'
import { liveLine } from '@godwit/load/progress.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import { type Blow, blows, nameOf, straceProblem } from './blows.ts'
import { buildServer } from './build-server.ts'
import { failpoints } from './failpoints.ts'
import { help, readOptions } from './options.ts'
import { type RoundResult, runRound } from './round.ts'
import { Tally } from './tally.ts'
import { TimeSpent } from './time-spent.ts'

/** More in one round would only be longer histories. */
const killsPerRound = 50
/** Every round begins with those that need an empty folder. */
const atRoundStart = failpoints.filter(({ when }) => when === 'empty').length

const problem = straceProblem()
const { kills, seed, only, stopMs, lanes, ...given } = optionsOrExit(help, (args) => readOptions(args, { syscalls: problem === null }))
const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'godwit-crash-'))
console.log(`seed ${seed}, ${kills} kills; files of rounds with violations in ${folder}`)
if (problem) console.log(`without kills at system calls and errors of the disk: ${problem}`)

// So that no server is left behind.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))

const all = blows(createRandom(seed), { syscalls: problem === null, stopMs })
const tally = new Tally()
const spent = new TimeSpent()
const pause = new Pause(lanes)
const live = liveLine()
const build = await buildServer(join(folder, 'server'))
const begun = performance.now()
let operations = 0
let violations = 0
let rounds = 0
await Promise.all(Array.from({ length: lanes }, lane))
const wallS = (performance.now() - begun - pause.stoppedMs) / 1_000

for (const line of tally.lines()) console.log(line)
for (const name of tally.unreached) console.log(`  never reached: ${name}`)
violations += tally.unreached.length
if (violations === 0 && !given.folder) rmSync(folder, { recursive: true })
console.log(`${spent.line(tally.kills)}; on the wall ${(wallS / tally.kills).toFixed(2)} s`)
console.log(`${tally.kills} kills, ${operations} operations, ${violations} violations`)
process.exitCode = violations === 0 ? 0 : 1

async function lane(): Promise<void> {
  while (rounds * killsPerRound < kills) {
    const round = rounds++
    const due = take(Math.max(1, Math.min(killsPerRound, kills - round * killsPerRound) - atRoundStart))
    const progress = (text: string) => live.show(`${tally.kills} kills, ${violations} violations; round ${round + 1}: ${text}`)
    const options = { seed: `${seed}-${round}`, build, blows: due, folder: join(folder, `round-${round}`), tally, spent, pause, progress }
    const result = await runRound(options).catch(
      ({ stack }: Error): RoundResult => ({ operations: 0, violations: [`the round ended: ${stack}`] }),
    )
    operations += result.operations
    violations += result.violations.length
    live.end()
    for (const violation of result.violations) console.log(`  round ${round + 1}: ${violation}`)
  }
  pause.leave()
}

/** In the order of the seed, whatever lane they are for. */
function take(count: number): readonly Blow[] {
  const taken: Blow[] = []
  while (taken.length < count) {
    const { value } = all.next()
    if (nameOf(value).startsWith(only)) taken.push(value)
  }
  return taken
}
