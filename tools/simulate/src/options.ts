/** `npm run simulate -- --seeds 200 [--seed 1] [--trace]` */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

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

/** Throws on what it does not know. */
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
  const seeds = number('seeds', values.seeds ?? (values.seed === undefined ? '200' : '1'))
  return {
    seeds,
    from: number('seed', values.seed ?? '1'),
    workers: Math.min(seeds, number('workers', values.workers ?? String(availableParallelism()))),
    trace: values.trace,
    stop: values.stop,
  }
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text}: a whole number from 1 on`)
  return value
}
