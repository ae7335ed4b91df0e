/** The judge: a history and the raw log in, violations out. Linear, but for sorting. */
import { checkDeliveries } from './delivery-checks.ts'
import type { Dump } from './dump.ts'
import { Expected } from './expect.ts'
import type { HistoryLine } from './history.ts'
import { checkIds, checkLog } from './log-checks.ts'
import { checkScreens } from './screen-checks.ts'
import { checkChanges, checkSends } from './send-checks.ts'
import { checkCursors, checkLists, checkViews } from './view-checks.ts'
import { Violations } from './violations.ts'

export interface CheckOptions {
  /** Fewer commands than this prove nothing. */
  readonly operationsMin: number
  readonly killsMin: number
}

export function check(history: readonly HistoryLine[], dump: Dump, options: CheckOptions): Violations {
  const violations = new Violations()
  checkIds(dump, violations)
  const expected = new Expected(dump)
  for (const conversation of expected.conversations.values()) checkLog(conversation, violations)
  // What follows reads the log by seq: with a gap in it there is nothing to compare with.
  if (violations.counts.has('C3')) return violations
  checkSends(history, dump, violations)
  checkChanges(history, dump, violations)
  checkDeliveries(history, expected, violations)
  checkViews(history, dump, expected, violations)
  checkCursors(history, expected, violations)
  checkLists(history, expected, violations)
  checkScreens(history, expected, violations)
  checkNotVacuous(history, options, violations)
  return violations
}

function checkNotVacuous(history: readonly HistoryLine[], { operationsMin, killsMin }: CheckOptions, violations: Violations): void {
  const sends = history.filter((line) => line.op === 'send' && line.type === 'invoke').length
  if (sends < operationsMin) violations.add('V', `${sends} commands; at least ${operationsMin} are required`)
  const kills = history.filter((line) => line.op === 'server').filter((line) => line.type === 'info')
  if (kills.length < killsMin) violations.add('V', `${kills.length} kills; at least ${killsMin} are required`)
  for (const kill of kills) if (kill.inFlight === 0) violations.add('V', 'nothing was under way when the server was killed', kill)
}
