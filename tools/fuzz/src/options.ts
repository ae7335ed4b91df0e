/** Options of the run, from the command line. */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { wholeNumber } from '@godwit/load/command-line.ts'
import { type Input, unpacked } from './input.ts'

export interface Options {
  readonly inputs: number
  readonly seed: string
  /** This one alone, instead of a run. */
  readonly repeat: Input | undefined
}

export const help = `npm run fuzz -- [options]

The real server in this process and on a real port, and clients that send it what no library would. Exit code 1 when anything crashed,
was never accepted, or when memory grew.

  --inputs N       so many (20000)
  --seed TEXT      makes the same first inputs; printed, random when left out
  --repeat INPUT   one input again, as a run has reported it

What counts as a crash, and how to read it: tools/fuzz/README.md.
`

/** Throws on an unknown option, a bad number or a word that is no input. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      repeat: { type: 'string' },
    },
  })
  return {
    inputs: wholeNumber('--inputs', values.inputs),
    seed: values.seed,
    repeat: values.repeat === undefined ? undefined : inputOf(values.repeat),
  }
}

function inputOf(word: string): Input {
  try {
    const input = unpacked(word)
    if (['frame', 'http', 'bytes'].includes(input.via)) return input
  } catch {
    // Not even JSON.
  }
  throw new Error(`--repeat takes the word that a run has printed behind it, whole; ${word} is none`)
}
