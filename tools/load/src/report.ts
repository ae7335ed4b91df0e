/** The table at the end. */
import type { LogEntry } from '@godwit/history/dump.ts'
import type { Verdict } from '@godwit/history/verdict.ts'
import type { Histogram } from './drive/recorder.ts'

export interface Summary {
  readonly seed: string
  readonly times: readonly (readonly [what: string, ms: number])[]
  readonly counts: readonly (readonly [what: string, count: number])[]
  readonly latency: Histogram
  readonly dump: { readonly entries: readonly LogEntry[] }
  readonly notes: readonly string[]
}

export function printReport(summary: Summary, verdict: Verdict): void {
  const rows: [string, string][] = [
    ['seed', summary.seed],
    ...summary.counts.map(([what, count]): [string, string] => [what, count.toLocaleString('en')]),
    ...logCounts(summary.dump),
    ...summary.times.map(([what, ms]): [string, string] => [what, seconds(ms)]),
    ['live delivery p50 / p99', `${summary.latency.quantile(0.5)} / ${summary.latency.quantile(0.99)} ms`],
    ...[...verdict.figures].map(([what, value]): [string, string] => [what, Math.round(value).toLocaleString('en')]),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  console.log()
  for (const [what, value] of rows) console.log(`  ${what.padEnd(width)}  ${value.padStart(12)}`)
  console.log()
  for (const note of summary.notes) console.log(`  ${note}`)
  for (const { check, message, lines } of verdict.kept.slice(0, 40)) {
    console.log(`  ${check}: ${message}`)
    for (const line of lines.slice(0, 4)) console.log(`      ${JSON.stringify(line).slice(0, 300)}`)
  }
  const byCheck = [...verdict.counts].map(([name, count]) => `${name} ${count}`).join(', ')
  console.log(verdict.total === 0 ? '  0 violations' : `  ${verdict.total} violations (${byCheck})`)
}

function logCounts(dump: Summary['dump']): [string, string][] {
  const kinds = Map.groupBy(dump.entries, ({ kind }) => kind)
  const list = [...kinds].map(([kind, entries]) => `${entries.length} ${kind}`).join(', ')
  const conversations = new Set(dump.entries.map(({ conv }) => conv)).size
  return [
    ['conversations', conversations.toLocaleString('en')],
    ['entries in the log', `${dump.entries.length.toLocaleString('en')} (${list})`],
  ]
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
