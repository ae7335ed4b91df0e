/** The argument of `npm run bench:micro`. */
import { parseArgs } from 'node:util'
import { positiveNumber } from '@godwit/load/command-line.ts'

export const help = `npm run bench:micro -- [MS]

Runs the hot functions in turn with what a bare relay does with the same frame. Exit code 1 when one is over its multiple of that.

  MS   each runs ten times for so many milliseconds (100)

How to read it: tools/bench/README.md.
`

/** Answers MS. Throws on an option, a bad number or a second argument. */
export function readOptions(args: readonly string[]): number {
  const { positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
  })
  const [ms = '100', ...more] = positionals
  if (more.length > 0) throw new Error(`MS alone, not ${positionals.join(' ')}`)
  return positiveNumber('MS', ms)
}
