import { Bench } from 'tinybench'

/** A function of the hot path, and beside it what a bare relay does with the same frame. */
export interface Case {
  readonly name: string
  readonly run: () => unknown
  readonly beside: string
  readonly yardstick: () => unknown
  /** Times what stands beside it; three times what was measured, or more, so that only a slip in kind is over it. */
  readonly atMost: number
}

export interface Measured {
  readonly name: string
  readonly beside: string
  /** Median, in microseconds. */
  readonly us: number
  readonly besideUs: number
  /** The least of the rounds: what disturbs a run makes a ratio larger or smaller, and seldom every time. */
  readonly ratio: number
  readonly atMost: number
}

const rounds = 5

/** Both in turn, five times, each for `ms`. */
export async function measure({ name, run, beside, yardstick, atMost }: Case, ms: number): Promise<Measured> {
  const results: { readonly us: number; readonly besideUs: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: ms, warmupTime: ms / 2, throws: true })
    bench.add('run', run).add('yardstick', yardstick)
    await bench.run()
    const [us = Number.NaN, besideUs = Number.NaN] = bench.tasks.map(({ result }) =>
      'latency' in result ? result.latency.p50 * 1_000 : Number.NaN,
    )
    results.push({ us, besideUs })
  }
  results.sort((one, other) => one.us / one.besideUs - other.us / other.besideUs)
  const [least] = results as [(typeof results)[0]]
  return { name, beside, ...least, ratio: least.us / least.besideUs, atMost }
}
