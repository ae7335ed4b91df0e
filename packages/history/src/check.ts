/** The judge: a history and the raw log in, a verdict out. Both are read once; linear, but for sorting. */
import { type Bounds, defaultBounds } from './bounds.ts'
import { ChangeChecks } from './change-checks.ts'
import { CursorChecks } from './cursor-checks.ts'
import { DeliveryChecks } from './delivery-checks.ts'
import type { Dump } from './dump.ts'
import { Expected } from './expect.ts'
import { Faults } from './faults.ts'
import type { HistoryLine } from './history.ts'
import { LogChecks } from './log-checks.ts'
import { Operations } from './operations.ts'
import { ScreenChecks } from './screen-checks.ts'
import { SendChecks } from './send-checks.ts'
import { TimeChecks } from './time-checks.ts'
import { Verdict } from './verdict.ts'
import { ViewChecks } from './view-checks.ts'
import { WireChecks } from './wire-checks.ts'

/** One or more of C1-C14: is shown every line, and says in the end what only the whole can tell. */
export interface Check {
  take(line: HistoryLine): void
  end?(bounds: Bounds): void
}

/** What the bounds are is said by `options`, else by the history's `run` line, else by `defaultBounds`. */
export function check(history: Iterable<HistoryLine>, dump: Dump, options: Partial<Bounds> = {}): Verdict {
  const verdict = new Verdict()
  const logChecks = new LogChecks(verdict)
  const expected = new Expected(dump, (...seen) => logChecks.look(...seen))
  verdict.figures.set('entries', logChecks.count)
  verdict.figures.set('conversations', expected.conversations.size)
  // What follows reads the log by seq: with a gap in it there is nothing to compare with.
  if (verdict.counts.has('C3')) return verdict

  const bounds = { ...defaultBounds }
  const faults = new Faults()
  const operations = new Operations()
  const checks: readonly Check[] = [
    new SendChecks(expected, operations, verdict),
    new ChangeChecks(expected, operations, verdict),
    new DeliveryChecks(expected, verdict),
    new ViewChecks(expected, verdict),
    new CursorChecks(expected, operations, verdict),
    new ScreenChecks(expected, verdict),
    new WireChecks(verdict),
    new TimeChecks(faults, verdict),
  ]
  for (const line of history) {
    if (line.op === 'run') Object.assign(bounds, line.bounds)
    faults.take(line)
    for (const one of checks) one.take(line)
  }
  Object.assign(bounds, options)
  for (const one of checks) one.end?.(bounds)
  operations.check(faults, bounds, verdict)
  return verdict
}
