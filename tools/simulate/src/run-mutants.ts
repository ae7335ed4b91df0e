/** `npm run mutants [name ...]`: runs each mutant until the simulation, or its named test, has caught it; a survivor fails the run. */
import { availableParallelism } from 'node:os'
import { optionsOrExit } from '../../load/src/command-line.ts'
import { huntMutant, type Kill } from './hunt-mutant.ts'
import { help, readMutants } from './mutant-options.ts'

const mutants = optionsOrExit(help, readMutants)
const queue = [...mutants]
const width = Math.max(...mutants.map(({ name }) => name.length))
let survivors = 0

async function hunt(): Promise<void> {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const kill = await huntMutant(mutant)
    if (!kill) survivors++
    console.log(`${mutant.name.padEnd(width)}  ${kill ? textOf(kill) : 'SURVIVED 200 seeds'}`)
  }
}

const textOf = ({ by, seed }: Kill) => (seed === null ? by : `seed ${String(seed).padEnd(3)} ${by}`)

await Promise.all(Array.from({ length: availableParallelism() }, hunt))
console.log(`${mutants.length} mutants, ${survivors} survivors`)
process.exitCode = survivors > 0 ? 1 : 0
