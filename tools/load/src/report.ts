/** The table at the end. */
import type { Dump } from '@godwit/history/dump.ts'
import type { HistoryLine } from '@godwit/history/history.ts'
import type { Violations } from '@godwit/history/violations.ts'
import type { Histogram } from './drive/recorder.ts'

export interface Summary {
  readonly seed: string
  readonly times: readonly (readonly [what: string, ms: number])[]
  readonly counts: readonly (readonly [what: string, count: number])[]
  readonly latency: Histogram
  readonly history: readonly HistoryLine[]
  readonly dump: Dump
  readonly notes: readonly string[]
}

export function printReport(summary: Summary, violations: Violations): void {
  const rows: [string, string][] = [
    ['seed', summary.seed],
    ...summary.counts.map(([what, count]): [string, string] => [what, count.toLocaleString('en')]),
    ...logCounts(summary.dump),
    ...summary.times.map(([what, ms]): [string, string] => [what, seconds(ms)]),
    ['live delivery p50 / p99', `${summary.latency.quantile(0.5)} / ${summary.latency.quantile(0.99)} ms`],
    ['all back after a kill, worst', seconds(recoveryMs(summary.history))],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  console.log()
  for (const [what, value] of rows) console.log(`  ${what.padEnd(width)}  ${value.padStart(12)}`)
  console.log()
  for (const note of summary.notes) console.log(`  ${note}`)
  for (const { check, message, lines } of violations.kept.slice(0, 40)) {
    console.log(`  ${check}: ${message}`)
    for (const line of lines.slice(0, 4)) console.log(`      ${JSON.stringify(line).slice(0, 300)}`)
  }
  const byCheck = [...violations.counts].map(([name, count]) => `${name} ${count}`).join(', ')
  console.log(violations.total === 0 ? '  0 violations' : `  ${violations.total} violations (${byCheck})`)
}

function logCounts(dump: Dump): [string, string][] {
  const kinds = Map.groupBy(dump.entries, ({ kind }) => kind)
  const list = [...kinds].map(([kind, entries]) => `${entries.length} ${kind}`).join(', ')
  const conversations = new Set(dump.entries.map(({ conv }) => conv)).size
  return [
    ['conversations', conversations.toLocaleString('en')],
    ['entries in the log', `${dump.entries.length.toLocaleString('en')} (${list})`],
  ]
}

/** From the moment a killed server answers again until the last device that was there before has caught up, or is cut off again. */
function recoveryMs(history: readonly HistoryLine[]): number {
  const lines = history.filter((line) => line.op === 'connect' || line.op === 'server').sort((a, b) => a.t - b.t)
  const waiting = new Set<string>()
  const isOnline = new Set<string>()
  let since = 0
  let worst = 0
  for (const line of lines) {
    if (line.op === 'server') {
      if (line.type === 'info') for (const proc of isOnline) waiting.add(proc)
      if (line.type === 'ok') since = line.t
      continue
    }
    if (line.type === 'invoke') isOnline.delete(line.proc)
    else {
      isOnline.add(line.proc)
      if (waiting.delete(line.proc) && waiting.size === 0) worst = Math.max(worst, line.t - since)
    }
  }
  return worst / 1_000
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
