/** Which mutants `npm run mutants` hunts, from the command line. */
import { parseArgs } from 'node:util'
import { type Mutant, patches } from './mutants.ts'

const width = Math.max(...patches.map(({ name }) => name.length))

export const help = `npm run mutants -- [NAME ...]

Makes the real code wrong in one way at a time, and shows which check catches it, and at which of 200 seeds. Exit code 1 when one survives.

All ${patches.length}, or those that are named:

${patches.map(({ name, breaks }) => `  ${name.padEnd(width)}  ${breaks}`).join('\n')}

How to read it: tools/simulate/README.md.
`

/** In the order of the table. Throws on an option or a name that is not there. */
export function readMutants(args: readonly string[]): readonly Mutant[] {
  const { positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
  })
  const unknown = positionals.find((wanted) => !patches.some(({ name }) => name === wanted))
  if (unknown !== undefined) throw new Error(`there is no mutant ${unknown}; the names stand below`)
  return positionals.length === 0 ? patches : patches.filter(({ name }) => positionals.includes(name))
}
