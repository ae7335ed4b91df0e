/**
 * The two sides of a run, each judged by itself: what was sent, against the commands in the log (C1-C5, C8-C10), and what was shown,
 * against what the log says everybody should see (C6, C7, C11-C14). They share nothing, so that each can have a thread of its own.
 */
import { type Bounds, defaultBounds } from './bounds.ts'
import { ChangeChecks } from './change-checks.ts'
import { Commands } from './commands.ts'
import { CursorChecks } from './cursor-checks.ts'
import { DeliveryChecks } from './delivery-checks.ts'
import type { Dump } from './dump.ts'
import { Expected } from './expect.ts'
import { Faults, type Window } from './faults.ts'
import type { HistoryLine } from './history.ts'
import { IdChecks } from './id-checks.ts'
import { inOrder, LineOrder } from './line-order.ts'
import { Operations, type Times } from './operations.ts'
import { PlaceChecks } from './place-checks.ts'
import { ScreenChecks } from './screen-checks.ts'
import { SendChecks } from './send-checks.ts'
import { TimeChecks } from './time-checks.ts'
import { type Collected, Verdict } from './verdict.ts'
import { ViewChecks } from './view-checks.ts'
import { WireChecks } from './wire-checks.ts'

type Op = HistoryLine['op']

/**
 * One or more of C1-C14: is shown the lines of some operations, and says in the end what only the whole can tell. Lines of what was shown come
 * in the order of their times, as far as `LineOrder` demands it; all others in any order.
 */
export interface Check {
  readonly ops: readonly Op[]
  take(line: HistoryLine): void
  /** `lastAt` is the `t` of the last line of what was shown. */
  end?(bounds: Bounds, lastAt: number): void
}

/** The operations that only this side looks at. */
export const opsOf = {
  sent: ['send', 'typed', 'change'],
  shown: ['connect', 'deliver', 'reset', 'crash', 'read', 'cursor', 'view', 'list', 'screen', 'raw'],
} as const satisfies Readonly<Record<string, readonly Op[]>>

export type Side = keyof typeof opsOf
const isShown: ReadonlySet<Op> = new Set(opsOf.shown)

/** What one side says of a run; plain data, as threads hand it over. */
export interface Findings extends Collected {
  readonly operations: Times
  readonly windows: readonly Window[]
  /** What is said by the caller, else by the history's `run` line, else by `defaultBounds`. */
  readonly bounds: Bounds
}

/**
 * Reads history and dump once. When lines of what was shown do not come in the order of their times, both are read once more, and the
 * history into memory: so both are such that they can be.
 */
export function lookAt(sides: readonly Side[], history: Iterable<HistoryLine>, dump: Dump, options: Partial<Bounds>): Findings {
  const findings =
    judge(sides, history, dump, options) ??
    judge(
      sides,
      inOrder(history, ({ op }) => isShown.has(op)),
      dump,
      options,
    )
  if (!findings) throw new Error('times that are no numbers have no order')
  return findings
}

/** null for a history that has to be sorted. */
function judge(sides: readonly Side[], history: Iterable<HistoryLine>, dump: Dump, options: Partial<Bounds>): Findings | null {
  const verdict = new Verdict()
  const operations = new Operations()
  const faults = new Faults()
  const bounds = { ...defaultBounds }
  const commands = sides.includes('sent') ? new Commands(new IdChecks(verdict)) : undefined
  const expected = sides.includes('shown') ? new Expected() : undefined
  readLog(dump, verdict, commands, expected)
  // What follows reads the log by seq: with a gap in it there is nothing to compare with.
  if (!verdict.counts.has('C3')) {
    const checks = [
      ...(commands ? checksOfSent(commands, operations, verdict) : []),
      ...(expected ? checksOfShown(expected, operations, faults, verdict) : []),
    ]
    const lastAt = showLines(history, checks, faults, bounds)
    if (lastAt === null) return null
    Object.assign(bounds, options)
    for (const check of checks) check.end?.(bounds, lastAt)
  }
  return { ...verdict.collected, operations: operations.times, windows: faults.windows, bounds }
}

function readLog({ entries, cursors }: Dump, verdict: Verdict, commands: Commands | undefined, expected: Expected | undefined): void {
  const places = new PlaceChecks(verdict)
  for (const entry of entries) {
    places.look(entry)
    commands?.add(entry)
    expected?.add(entry)
  }
  if (expected) for (const cursor of cursors) expected.setCursor(cursor)
  commands?.end()
  verdict.figures.set('entries', places.count)
  verdict.figures.set('conversations', places.conversations)
}

function checksOfSent(commands: Commands, operations: Operations, verdict: Verdict): readonly Check[] {
  return [new SendChecks(commands, operations, verdict), new ChangeChecks(commands, operations, verdict)]
}

function checksOfShown(expected: Expected, operations: Operations, faults: Faults, verdict: Verdict): readonly Check[] {
  return [
    new DeliveryChecks(expected, verdict),
    new ViewChecks(expected, verdict),
    new ScreenChecks(expected, verdict),
    new CursorChecks(expected, operations, verdict),
    new WireChecks(verdict),
    new TimeChecks(faults, verdict),
  ]
}

/** Answers the `t` of the last line of what was shown, or null when lines do not come in the order that the checks need. */
function showLines(history: Iterable<HistoryLine>, checks: readonly Check[], faults: Faults, bounds: Bounds): number | null {
  const byOp = new Map<Op, Check[]>()
  for (const check of checks) for (const op of check.ops) byOp.set(op, [...(byOp.get(op) ?? []), check])
  const order = new LineOrder()
  let lastAt = 0
  for (const line of history) {
    const { op, t } = line
    if (op === 'run') Object.assign(bounds, line.bounds)
    else if (op === 'fault') faults.take(line)
    else {
      if (isShown.has(op) && t > lastAt) lastAt = t
      if (!order.keeps(line)) return null
      for (const check of byOp.get(op) ?? []) check.take(line)
    }
  }
  return lastAt
}
