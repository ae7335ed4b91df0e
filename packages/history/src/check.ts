/** The judge: a history and the raw log in, a verdict out. Both are such that they can be read twice; linear, but for sorting. */
import type { Bounds } from './bounds.ts'
import type { Dump } from './dump.ts'
import type { HistoryLine } from './history.ts'
import { checkOperations } from './operations.ts'
import { type Findings, lookAt } from './sides.ts'
import { Verdict } from './verdict.ts'

/** What the bounds are is said by `options`, else by the history's `run` line, else by `defaultBounds`. */
export function check(history: Iterable<HistoryLine>, dump: Dump, options: Partial<Bounds> = {}): Verdict {
  return conclude([lookAt(['sent', 'shown'], history, dump, options)])
}

/** One verdict of all that was found, and whether the run was empty. */
export function conclude(all: readonly [Findings, ...Findings[]]): Verdict {
  const [first] = all
  const verdict = new Verdict()
  // A gap in the log was seen by all, and none looked further.
  if (first.counts.has('C3')) {
    verdict.take(first)
    return verdict
  }
  for (const findings of all) verdict.take(findings)
  checkOperations(
    all.map(({ operations }) => operations),
    first.windows,
    first.bounds,
    verdict,
  )
  return verdict
}
