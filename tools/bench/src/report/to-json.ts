/** Everything that was measured, for `docs/benchmarks` and for those who draw. Names end in their unit. */
import type { ScenarioResult } from '../bench.ts'
import type { Spread } from '../measure/spread.ts'
import type { Outcome, Run } from '../run.ts'
import type { Machine } from './machine.ts'
import { highest, isDisturbed, isFloorValid, isGeneratorBound } from './trust.ts'
import { verdictOf } from './verdict.ts'

export function toJson(machine: Machine, { cores, measured, floorMessageUs, outcomes }: Run, isQuick: boolean) {
  return {
    at: machine.at,
    commit: machine.commit,
    node: machine.node,
    quick: isQuick,
    server: measured,
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
    floor: { cpu_us_per_message: round(floorMessageUs), valid: isFloorValid(floorMessageUs) },
    scenarios: outcomes.map(scenarioJson),
  }
}

function scenarioJson({ name, seconds, result }: Outcome) {
  if (result instanceof Error) return { name, seconds: round(seconds), error: result.message }
  return { name, seconds: round(seconds), ...figuresJson(result) }
}

function figuresJson(result: ScenarioResult) {
  const { throughputPerS, cpuUs, floorCpuUs, ratio, latency } = result
  return {
    unit: result.unit,
    throughput_per_s: round(throughputPerS.median),
    server_cpu_us_per_delivery: round(cpuUs.median),
    floor_cpu_us_per_delivery: floorCpuUs && round(floorCpuUs.median),
    ratio_to_floor: ratio && round(ratio.median),
    p50_ms: round(latency.quantile(0.5)),
    p99_ms: round(latency.quantile(0.99)),
    p99_9_ms: round(latency.quantile(0.999)),
    latency_at: result.latencyAt,
    rss_mb: round(result.rssBytes / 2 ** 20),
    peak_rss_mb: round(result.peakRssBytes / 2 ** 20),
    generator_cpu_share: round(highest(result.windows, 'generatorShare')),
    generator_bound: isGeneratorBound(result),
    others_cpu_share: round(highest(result.windows, 'othersShare')),
    disturbed: isDisturbed(result),
    spread: {
      throughput_per_s: spreadJson(throughputPerS),
      server_cpu_us_per_delivery: spreadJson(cpuUs),
      floor_cpu_us_per_delivery: floorCpuUs && spreadJson(floorCpuUs),
      ratio_to_floor: ratio && spreadJson(ratio),
    },
    goals: result.goals.map((goal) => {
      const { met, missedBy } = verdictOf(goal)
      return { what: goal.what, unit: goal.unit, value: round(goal.value), ...boundJson(goal.bound), met, missed_by: round(missedBy) }
    }),
    /** [share of all, ms] */
    latency_distribution: shares.map((share) => [share, round(latency.quantile(share))]),
    more: Object.fromEntries(Object.entries(result.more).map(([key, value]) => [key, round(value)])),
    notes: result.notes,
  }
}

const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1]

const boundJson = (bound: ScenarioResult['goals'][number]['bound']) =>
  'atMost' in bound ? { at_most: bound.atMost } : { at_least: bound.atLeast }

const spreadJson = ({ min, median, max }: Spread) => ({ min: round(min), median: round(median), max: round(max) })

/** Four digits behind the point; what is no number is null in JSON. */
const round = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null)
