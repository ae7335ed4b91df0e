/** The table at the end of a run. */
import type { ScenarioResult } from '../bench.ts'
import type { Spread } from '../measure/spread.ts'
import type { Outcome, Run } from '../run.ts'
import type { Machine } from './machine.ts'
import { floorRangeUs, highest, isDisturbed, isFloorValid, isGeneratorBound } from './trust.ts'
import { figure, goalLine } from './verdict.ts'

const header = ['scenario', 'per s', 'CPU us', 'floor us', 'ratio (min-max)', 'p50 ms', 'p99 ms', 'p99.9 ms', 'RSS MB', 'load CPU']

export function tableOf(machine: Machine, { cores, measured, floorMessageUs, outcomes }: Run, isQuick: boolean): string {
  const rows = outcomes.map(({ name, result }) => (result instanceof Error ? [name, 'failed'] : rowOf(name, result)))
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join('  ')
  return [
    '',
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}, load before ${machine.loadBefore.toFixed(1)}`,
    cores.warning ?? `server on core ${cores.server}, load on ${cores.load}`,
    `floor: ${floorMessageUs.toFixed(1)} us a 1:1 message, expected ${floorRangeUs.min} to ${floorRangeUs.max}: ${floorVerdict(floorMessageUs)}`,
    ...(measured === 'godwit' ? [] : [`in Godwit's place: the ${measured}`]),
    ...(isQuick ? ['quick: these figures show that everything runs, and nothing else'] : []),
    '',
    line(header),
    ...outcomes.flatMap((outcome, index) => [line(rows[index] as string[]), ...remarks(outcome).map((text) => `    ${text}`)]),
    '',
  ].join('\n')
}

const floorVerdict = (us: number) => (isFloorValid(us) ? 'the ratios hold' : 'void, the ratios mean nothing')

function rowOf(name: string, result: ScenarioResult): string[] {
  const { throughputPerS, cpuUs, floorCpuUs, ratio, latency, rssBytes, windows } = result
  return [
    name,
    figure(throughputPerS.median),
    figure(cpuUs.median),
    floorCpuUs ? figure(floorCpuUs.median) : '-',
    ratio ? ranged(ratio) : '-',
    ...[0.5, 0.99, 0.999].map((share) => figure(latency.quantile(share))),
    figure(rssBytes / 2 ** 20),
    `${percent(highest(windows, 'generatorShare'))}${isGeneratorBound(result) ? ' !' : ''}`,
  ]
}

const percent = (share: number) => `${Math.round(share * 100)} %`
const ranged = ({ min, median, max }: Spread) => `${figure(median)} (${figure(min)}-${figure(max)})`

function remarks({ result, seconds }: Outcome): string[] {
  if (result instanceof Error) return [`after ${Math.round(seconds)} s: ${result.message}`]
  const { goals, unit, latencyAt, notes, windows } = result
  return [
    ...goals.map(goalLine),
    `one delivery is one ${unit}; latency: ${latencyAt}`,
    ...notes,
    ...(isGeneratorBound(result) ? ['the load generator was at its limit: the server may be able to do more'] : []),
    ...(isDisturbed(result) ? [`disturbed: other programs took ${percent(highest(windows, 'othersShare'))} of the server's core`] : []),
  ]
}
