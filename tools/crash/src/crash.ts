/** `npm run crash -- --kills 5000`: kills a real server under real load, at every named point and system call, and judges. */
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { liveLine } from '@godwit/load/progress.ts'
import { createRandom } from '@godwit/load/world/random.ts'
import { type Blow, blows, nameOf, straceProblem } from './blows.ts'
import { failpoints } from './failpoints.ts'
import { runRound } from './round.ts'
import { Tally } from './tally.ts'

/** More in one round would only be longer histories. */
const killsPerRound = 50
/** Every round begins with those that need an empty folder. */
const atRoundStart = failpoints.filter(({ when }) => when === 'empty').length

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now()) },
    /** Only blows whose name begins so. */
    only: { type: 'string', default: '' },
    /** How long a SIGSTOP lasts. */
    'stop-s': { type: 'string', default: '20' },
    folder: { type: 'string' },
  },
})

const kills = Number(values.kills)
const { seed, only } = values
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'godwit-crash-'))
const problem = straceProblem()
console.log(`seed ${seed}, ${kills} kills; files of rounds with violations in ${folder}`)
if (problem) console.log(`without kills at system calls and errors of the disk: ${problem}`)

// So that no server is left behind.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))

const all = blows(createRandom(seed), { syscalls: problem === null, stopMs: Number(values['stop-s']) * 1_000 })
const tally = new Tally()
const live = liveLine()
let operations = 0
let violations = 0
for (let round = 0; tally.kills < kills; round++) {
  const due = take(Math.max(1, Math.min(killsPerRound, kills - tally.kills) - atRoundStart))
  const progress = (text: string) => live.show(`round ${round + 1}: ${tally.kills} kills, ${violations} violations; ${text}`)
  const result = await runRound({ seed: `${seed}-${round}`, blows: due, folder: join(folder, `round-${round}`), tally, progress })
  operations += result.operations
  violations += result.violations.length
  live.end()
  for (const violation of result.violations) console.log(`  round ${round + 1}: ${violation}`)
}
for (const line of tally.lines()) console.log(line)
for (const name of tally.unreached) console.log(`  never reached: ${name}`)
violations += tally.unreached.length
if (violations === 0 && !values.folder) rmdirSync(folder)
console.log(`${tally.kills} kills, ${operations} operations, ${violations} violations`)
process.exitCode = violations === 0 ? 0 : 1

function take(count: number): readonly Blow[] {
  const taken: Blow[] = []
  while (taken.length < count) {
    const { value } = all.next()
    if (nameOf(value).startsWith(only)) taken.push(value)
  }
  return taken
}
