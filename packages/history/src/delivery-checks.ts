/** What devices were told, entry by entry: C6, C11, and that in the end nothing is missing: C7. */
import { contains, type Expected, type Span } from './expect.ts'
import type { DeliverLine, HistoryLine, ListLine } from './history.ts'
import type { Violations } from './violations.ts'

export function checkDeliveries(history: readonly HistoryLine[], expected: Expected, violations: Violations): void {
  const devices = new Map<string, ListLine>()
  for (const line of history) if (line.op === 'list' && line.proc.startsWith('d_')) devices.set(line.proc, line)
  const runs = Map.groupBy(runsSinceReset(history), ({ proc, conv }) => `${proc} ${conv}`)

  for (const [proc, { user }] of devices) {
    for (const conversation of expected.conversationsOf(user)) {
      const told = runs.get(`${proc} ${conversation.id}`) ?? []
      checkRuns(told, conversation.spansOf(user), violations)
      const due = conversation.spansOf(user).at(-1)?.[1] ?? 0
      const last = told.reduce((highest, run) => Math.max(highest, run.to), 0)
      if (last < due)
        violations.add('C7', `${proc} of ${user} was told of ${conversation.id} up to ${last}, and is entitled to ${due}`, told.at(-1))
    }
  }
  for (const [run] of runs.values()) {
    const user = devices.get(run?.proc ?? '')?.user
    const isMine = user !== undefined && expected.conversationsOf(user).some(({ id }) => id === run?.conv)
    if (!isMine) violations.add('C11', `${run?.proc} of ${user} was told of ${run?.conv}, where it never was a member`, run)
  }
}

function runsSinceReset(history: readonly HistoryLine[]): DeliverLine[] {
  const resets = new Map<string, number>()
  for (const line of history) if (line.op === 'reset') resets.set(line.proc, Math.max(line.t, resets.get(line.proc) ?? 0))
  return history
    .filter((line) => line.op === 'deliver')
    .filter((line) => line.t >= (resets.get(line.proc) ?? 0))
    .sort((a, b) => a.t - b.t)
}

function checkRuns(runs: readonly DeliverLine[], spans: readonly Span[], violations: Violations): void {
  let last = 0
  let before: DeliverLine | undefined
  for (const run of runs) {
    const { from, to } = run
    const due = nextAfter(spans, last)
    const isEntitled = spans.some((span) => from >= span[0] && to <= span[1])
    if (!isEntitled)
      violations.add('C11', `${run.proc} was told of ${from}..${to} from outside its intervals ${JSON.stringify(spans)}`, run)
    else if (from <= last) violations.add('C6', `${run.proc} was told of ${from}..${Math.min(to, last)} again`, before, run)
    else if (from !== due) violations.add('C6', `${run.proc} was told of ${from} when ${due} was due`, before, run)
    last = Math.max(last, to)
    before = run
  }
}

function nextAfter(spans: readonly Span[], seq: number): number | null {
  if (contains(spans, seq + 1)) return seq + 1
  return spans.find(([from]) => from > seq)?.[0] ?? null
}
