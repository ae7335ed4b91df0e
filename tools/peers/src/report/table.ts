/** The table at the end of a run. */

import type { Spread } from '@godwit/bench/measure/spread.ts'
import type { Machine } from '@godwit/bench/report/machine.ts'
import { disturbedFrom, generatorBoundFrom, highest } from '@godwit/bench/report/trust.ts'
import { figure, goalLine } from '@godwit/bench/report/verdict.ts'
import type { Result } from '../bench.ts'
import { NotHere } from '../install/not-here.ts'
import type { Outcome, Run } from '../run.ts'

const header = ['comparison', 'figure', 'Godwit', 'peer', 'ratio (min-max)', 'load CPU']

export function tableOf(machine: Machine, { cores, outcomes }: Run, isQuick: boolean): string {
  const rows = outcomes.map(({ name, result }) => rowOf(name, result))
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  ')
  return [
    '',
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}, load before ${machine.loadBefore.toFixed(1)}`,
    cores.warning ?? `servers, each with its database, on core ${cores.server}, load on ${cores.load}`,
    ...(isQuick ? ['quick: these figures show that everything runs, and nothing else'] : []),
    '',
    line(header),
    ...outcomes.flatMap((outcome, index) => [line(rows[index] as string[]), ...remarks(outcome).map((text) => `    ${text}`)]),
    '',
  ].join('\n')
}

function rowOf(name: string, result: Result | Error): string[] {
  if (result instanceof Error) return [name, result instanceof NotHere ? 'skipped' : 'failed']
  const { unit, godwit, theirs, ratio, windows } = result
  const load = highest(windows, 'generatorShare')
  return [
    name,
    unit,
    figure(godwit.value.median),
    figure(theirs.value.median),
    ranged(ratio),
    `${percent(load)}${load > generatorBoundFrom ? ' !' : ''}`,
  ]
}

const percent = (share: number) => `${Math.round(share * 100)} %`
const ranged = ({ min, median, max }: Spread) => (Number.isNaN(median) ? '-' : `${figure(median)} (${figure(min)}-${figure(max)})`)

function remarks({ result, seconds }: Outcome): string[] {
  if (result instanceof NotHere) return [result.message]
  if (result instanceof Error) return [`after ${Math.round(seconds)} s: ${result.message.split('\n', 1)[0]}`]
  const { peer, goals, godwit, theirs, notes, windows } = result
  const [load, others] = [highest(windows, 'generatorShare'), highest(windows, 'othersShare')]
  return [
    `peer: ${peer}`,
    ...goals.map(goalLine),
    `Godwit: ${detail(godwit.more)}`,
    `peer: ${detail(theirs.more)}`,
    ...notes,
    ...(load > generatorBoundFrom ? ['the load generator was at its limit: a server may be able to do more'] : []),
    ...(others > disturbedFrom ? [`disturbed: other programs took ${percent(others)} of the servers' core`] : []),
  ]
}

const detail = (more: Readonly<Record<string, number>>) =>
  Object.entries(more)
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ') || '-'
