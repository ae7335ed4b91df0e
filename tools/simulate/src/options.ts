/** `npm run simulate -- --seeds 200 [--seed 1] [--trace]` */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../../load/src/command-line.ts'

export interface Options {
  /** How many, one after another from `from` on. */
  readonly seeds: number
  readonly from: number
  readonly workers: number
  /** Prints everything that happens in the one seed. */
  readonly trace: boolean
  /** Ends at the first seed with a violation. */
  readonly stop: boolean
}

export const help = `npm run simulate -- [options]

The real gateway, chat and SDK in one thread over a seeded clock, network, disk and randomness; faults of every kind; then peace, and the
verdict of the history checker. The same seed is the same run, to the byte. Exit code 1 when a law was broken.

  --seeds N     so many, one after another (200)
  --seed S      the first of them (1); alone it is repeated alone
  --trace       prints everything that happens in the one seed
  --stop        ends at the first seed with a violation
  --workers N   threads (one a core)

What is tried and reached, and how to read it: tools/simulate/README.md.
`

/** Throws on an unknown option or a bad number. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      trace: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
    },
  })
  // A seed alone is repeated alone.
  const seeds = wholeNumber('--seeds', values.seeds ?? (values.seed === undefined ? '200' : '1'))
  return {
    seeds,
    from: wholeNumber('--seed', values.seed ?? '1'),
    workers: Math.min(seeds, wholeNumber('--workers', values.workers ?? String(availableParallelism()))),
    trace: values.trace,
    stop: values.stop,
  }
}
