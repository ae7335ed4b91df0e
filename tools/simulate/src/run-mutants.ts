/** `npm run mutants [name ...]`: runs each mutant until the simulation, or its named test, has caught it; a survivor fails the run. */
import { availableParallelism } from 'node:os'
import { huntMutant, type Kill } from './hunt-mutant.ts'
import { type Mutant, patches } from './mutants.ts'

const wanted = process.argv.slice(2)
for (const name of wanted) if (!patches.some((one) => one.name === name)) throw new Error(`there is no mutant ${name}`)
const queue: Mutant[] = patches.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const total = queue.length
const width = Math.max(...patches.map(({ name }) => name.length))
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
console.log(`${total} mutants, ${survivors} survivors`)
process.exitCode = survivors > 0 ? 1 : 0
