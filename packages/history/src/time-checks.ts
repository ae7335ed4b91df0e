/** How long delivery and recovery took: C14. */
import type { Bounds } from './bounds.ts'
import type { Faults } from './faults.ts'
import type { ConnectLine, DeliverLine, HistoryLine, LineOf } from './history.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

const usPerMs = 1_000

type LiveLine = DeliverLine & { readonly lagMs: number }
type Lost = LineOf<'connect', 'invoke'>
type Back = LineOf<'connect', 'ok'>

export class TimeChecks implements Check {
  readonly ops = ['deliver', 'connect'] as const
  readonly #faults: Faults
  readonly #verdict: Verdict
  readonly #deliveries = new Deliveries()
  readonly #recoveries = new Recoveries()
  /** By device: when it lost its link, until it is back. */
  readonly #lost = new Map<string, Lost>()

  constructor(faults: Faults, verdict: Verdict) {
    this.#faults = faults
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'deliver' && isLive(line)) this.#deliveries.add(line)
    else if (line.op === 'connect') this.#connect(line)
  }

  end(bounds: Bounds, lastAt: number): void {
    this.#checkDelivery(bounds)
    this.#checkRecovery(bounds, lastAt)
  }

  #connect(line: ConnectLine): void {
    if (line.type === 'invoke') this.#lost.set(line.proc, line)
    else {
      const lost = this.#lost.get(line.proc)
      if (lost && line.type === 'ok') this.#recoveries.add(lost, line)
      this.#lost.delete(line.proc)
    }
  }

  /** An entry that met a fault on its way is excused. */
  #checkDelivery({ deliveryMsMax }: Bounds): void {
    const { times, lags } = this.#deliveries
    let worst = 0
    for (const [i, lagMs] of lags.entries()) {
      const t = times[i] as number
      if (lagMs <= worst || this.#faults.touch(t - lagMs * usPerMs, t)) continue
      worst = lagMs
      if (lagMs <= deliveryMsMax) continue
      const line = this.#deliveries.lineAt(i)
      const { proc, conv, to } = line
      this.#verdict.add(
        'C14',
        `${proc} was told of ${conv} ${to} or one before it ${lagMs} ms after its append; at most ${deliveryMsMax}`,
        line,
      )
    }
    this.#verdict.figures.set('worst delivery ms', worst)
  }

  /** From the loss of the link, or from the end of the last fault since, until all that was missed has been told. */
  #checkRecovery({ recoveryMsMax }: Bounds, lastAt: number): void {
    const { lostAt, backAt } = this.#recoveries
    let worst = 0
    const look = (from: number, until: number, linesOf: () => readonly [Lost, Back?]) => {
      const ms = this.#recoveryMs(from, until)
      worst = Math.max(worst, ms)
      if (ms <= recoveryMsMax) return
      const [lost, back] = linesOf()
      this.#verdict.add('C14', `${lost.proc} was ${back ? '' : 'not '}back after ${ms} ms; at most ${recoveryMsMax}`, lost, back)
    }
    for (const [i, from] of lostAt.entries()) look(from, backAt[i] as number, () => this.#recoveries.linesAt(i))
    for (const lost of this.#lost.values()) look(lost.t, lastAt, () => [lost])
    this.#verdict.figures.set('worst recovery ms', worst)
  }

  #recoveryMs(lostAt: number, until: number): number {
    if (this.#faults.touch(until, until)) return 0
    return (until - Math.max(lostAt, this.#faults.lastHealed(until))) / usPerMs
  }
}

const isLive = (line: DeliverLine): line is LiveLine => line.lagMs !== undefined

/** What came live, in columns: it has to wait until all faults are known, and as objects it would take much of the time. */
class Deliveries {
  readonly times: number[] = []
  readonly lags: number[] = []
  readonly #names: string[] = []
  readonly #places: number[] = []

  add({ t, proc, conv, from, to, lagMs, line = 0 }: LiveLine): void {
    this.times.push(t)
    this.lags.push(lagMs)
    this.#names.push(proc, conv)
    this.#places.push(from, to, line)
  }

  lineAt(i: number): LiveLine {
    const [proc, conv] = this.#names.slice(i * 2, i * 2 + 2) as [string, string]
    const [from, to, line] = this.#places.slice(i * 3, i * 3 + 3) as [number, number, number]
    return {
      t: this.times[i] as number,
      proc,
      op: 'deliver',
      type: 'ok',
      conv,
      from,
      to,
      lagMs: this.lags[i] as number,
      ...(line > 0 ? { line } : {}),
    }
  }
}

/** Links that were lost and mended, in columns as well. */
class Recoveries {
  readonly lostAt: number[] = []
  readonly backAt: number[] = []
  readonly #names: string[] = []
  readonly #lines: number[] = []

  add(lost: Lost, back: Back): void {
    this.lostAt.push(lost.t)
    this.backAt.push(back.t)
    this.#names.push(lost.proc, lost.user)
    this.#lines.push(lost.line ?? 0, back.line ?? 0)
  }

  linesAt(i: number): readonly [Lost, Back] {
    const [proc, user] = this.#names.slice(i * 2, i * 2 + 2) as [string, string]
    const [lost, back] = this.#lines.slice(i * 2, i * 2 + 2).map((line) => (line > 0 ? { line } : {}))
    return [
      { t: this.lostAt[i] as number, proc, op: 'connect', type: 'invoke', user, ...lost },
      { t: this.backAt[i] as number, proc, op: 'connect', type: 'ok', ...back },
    ]
  }
}
