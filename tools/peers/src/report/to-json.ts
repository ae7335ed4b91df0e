/** Everything that was measured, for `docs/benchmarks`. Names end in their unit. */
import type { Spread } from '@godwit/bench/measure/spread.ts'
import type { Machine } from '@godwit/bench/report/machine.ts'
import { highest } from '@godwit/bench/report/trust.ts'
import { verdictOf } from '@godwit/bench/report/verdict.ts'
import type { Figures } from '../bench.ts'
import { NotHere } from '../install/not-here.ts'
import type { Outcome, Run } from '../run.ts'

export function toJson(machine: Machine, { cores, outcomes }: Run, isQuick: boolean) {
  return {
    at: machine.at,
    commit: machine.commit,
    node: machine.node,
    quick: isQuick,
    machine: {
      cpu: machine.cpu,
      cores: machine.cores,
      memory_mb: machine.memoryMb,
      kernel: machine.kernel,
      load_before: round(machine.loadBefore),
      server_core: cores.server,
      load_cores: cores.load,
      warning: cores.warning,
    },
    comparisons: outcomes.map(comparisonJson),
  }
}

function comparisonJson({ name, seconds, result }: Outcome) {
  if (result instanceof NotHere) return { name, skipped: result.message }
  if (result instanceof Error) return { name, seconds: round(seconds), error: result.message }
  const { peer, unit, godwit, theirs, ratio, goals, windows, notes } = result
  return {
    name,
    seconds: round(seconds),
    peer,
    unit,
    godwit: figuresJson(godwit),
    theirs: figuresJson(theirs),
    ratio: spreadJson(ratio),
    goals: goals.map((goal) => {
      const { met, missedBy } = verdictOf(goal)
      const bound = 'atMost' in goal.bound ? { at_most: goal.bound.atMost } : { at_least: goal.bound.atLeast }
      return { what: goal.what, unit: goal.unit, value: round(goal.value), ...bound, met, missed_by: round(missedBy) }
    }),
    generator_cpu_share: round(highest(windows, 'generatorShare')),
    others_cpu_share: round(highest(windows, 'othersShare')),
    notes,
  }
}

const figuresJson = ({ value, more }: Figures) => ({
  value: spreadJson(value),
  more: Object.fromEntries(Object.entries(more).map(([key, one]) => [key, round(one)])),
})

const spreadJson = ({ min, median, max }: Spread) => ({ min: round(min), median: round(median), max: round(max) })

/** Four digits behind the point; what is no number is null in JSON. */
const round = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null)
