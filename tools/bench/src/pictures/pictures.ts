/** Three pictures of one run: how long messages take, what they cost, and what a long log does to both. */
import type { toJson } from '../report/to-json.ts'
import { type Axis, type Chart, drawChart, type Mark, type Series } from './chart.ts'

/** The JSON of `npm run bench -- --json FILE`. */
export type BenchJson = ReturnType<typeof toJson>

type Figures = Exclude<BenchJson['scenarios'][number], { readonly error: string }>

export function pictures(run: BenchJson): Readonly<Record<string, string>> {
  const measured = run.scenarios.filter((one): one is Figures => !('error' in one))
  const drawn = { 'latency.svg': latency(measured), 'cost.svg': cost(measured), 'log-size.svg': logSize(measured) }
  return Object.fromEntries(Object.entries(drawn).flatMap(([name, chart]) => (chart ? [[name, drawChart(chart)]] : [])))
}

const hasLatency = ['direct-64', 'direct-1000', 'direct-4000', 'group-500', 'cold', 'mixed', 'list']

function latency(measured: readonly Figures[]): Chart | null {
  const shown = measured.filter(({ name }) => hasLatency.includes(name))
  if (shown.length === 0) return null
  const nines = (quantile: number) => -Math.log10(1 - Math.min(quantile, 0.9999))
  const series = shown.map(({ name, latency_at, latency_distribution }): Series => {
    const marks = latency_distribution.flatMap(([x, y]) => (x && x >= 0.5 && x < 1 ? markAt(x, y) : []))
    return { name: `${name}, ${latency_at}`, marks, isLine: true }
  })
  const quantiles = [0.5, 0.9, 0.99, 0.999, 0.9999]
  const x: Axis = {
    title: 'share of the deliveries that took no longer',
    ticks: quantiles.map((at) => ({ at, text: `${at * 100} %` })),
    place: (value) => (nines(value) - nines(0.5)) / (nines(0.9999) - nines(0.5)),
  }
  return { title: 'Latency, from the planned moment of sending', x, y: logAxis('ms', valuesOf(series, 'y')), series }
}

function cost(measured: readonly Figures[]): Chart | null {
  const shown = measured.filter(({ unit }) => !unit.includes('heartbeat'))
  if (shown.length === 0) return null
  const series = shown.map(({ name, throughput_per_s: x, server_cpu_us_per_delivery: y, floor_cpu_us_per_delivery: floor }): Series => {
    return { name, marks: [...markAt(x, y, { text: name }), ...markAt(x, floor, { isHollow: true })], isLine: false }
  })
  const title = 'What a delivery costs, at the throughput of one core; hollow: the floor'
  return { title, x: logAxis('a second', valuesOf(series, 'x')), y: logAxis('us of CPU a delivery', valuesOf(series, 'y')), series }
}

function logSize(measured: readonly Figures[]): Chart | null {
  const [growth, history] = ['growth', 'history'].map((wanted) => measured.find(({ name }) => name === wanted))
  const series: Series[] = []
  const ratio = (name: string, from: number, to: number, short: number, long: number) =>
    series.push({
      name,
      isLine: true,
      marks: [
        { x: from, y: 1 },
        { x: to, y: long / short, text: `${(long / short).toFixed(2)} x` },
      ],
    })
  const emptyPerS = growth?.more.empty_throughput_per_s
  const fullPerS = growth?.throughput_per_s
  if (fullPerS && emptyPerS) ratio('messages/s, empty log against 5 M messages', 1_000, 5_000_000, emptyPerS, fullPerS)
  const { short_p99_ms: short, long_p99_ms: long } = history?.more ?? {}
  if (short && long) ratio('p99 of a page of history, 1 k against 1 M messages in the conversation', 1_000, 1_000_000, short, long)
  if (series.length === 0) return null
  const y: Axis = {
    title: 'times what it is on a short log',
    ticks: [0, 0.5, 1, 1.5, 2].map((at) => ({ at, text: `${at}` })),
    place: (value) => Math.min(value, 2) / 2,
  }
  return { title: 'What a long log does', x: logAxis('messages in the log', valuesOf(series, 'x')), y, series }
}

/** None where something was not measured. */
function markAt(x: number | null | undefined, y: number | null | undefined, rest: Partial<Mark> = {}): Mark[] {
  return x && y ? [{ x, y, ...rest }] : []
}

function valuesOf(series: readonly Series[], of: 'x' | 'y'): number[] {
  return series.flatMap(({ marks }) => marks.map((mark) => mark[of]))
}

/** Powers of ten around the values. */
function logAxis(title: string, values: readonly number[]): Axis {
  const known = values.filter((value) => value > 0)
  const [from, to] = [Math.floor(Math.log10(Math.min(...known))), Math.ceil(Math.log10(Math.max(...known)) + 0.05)]
  return {
    title,
    ticks: Array.from({ length: to - from + 1 }, (_, n) => ({ at: 10 ** (from + n), text: (10 ** (from + n)).toLocaleString('en') })),
    place: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from),
  }
}
