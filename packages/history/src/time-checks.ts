/** How long delivery and recovery took: C14. */
import type { Bounds } from './bounds.ts'
import type { Faults } from './faults.ts'
import type { ConnectLine, DeliverLine, HistoryLine } from './history.ts'
import { addTo } from './maps.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

const usPerMs = 1_000

export class TimeChecks implements Check {
  readonly ops = ['deliver', 'connect'] as const
  readonly #faults: Faults
  readonly #verdict: Verdict
  readonly #live: (DeliverLine & { readonly lagMs: number })[] = []
  readonly #connects = new Map<string, ConnectLine[]>()

  constructor(faults: Faults, verdict: Verdict) {
    this.#faults = faults
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'deliver' && isLive(line)) this.#live.push(line)
    else if (line.op === 'connect') addTo(this.#connects, line.proc, line)
  }

  end(bounds: Bounds, lastAt: number): void {
    this.#checkDelivery(bounds)
    this.#checkRecovery(bounds, lastAt)
  }

  /** An entry that met a fault on its way is excused. */
  #checkDelivery({ deliveryMsMax }: Bounds): void {
    let worst = 0
    for (const line of this.#live) {
      const { t, lagMs, proc, conv, to } = line
      if (lagMs <= worst || this.#faults.touch(t - lagMs * usPerMs, t)) continue
      worst = lagMs
      if (lagMs > deliveryMsMax)
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
    let worst = 0
    for (const lines of this.#connects.values()) {
      let lost: ConnectLine | undefined
      for (const line of lines.sort((a, b) => a.t - b.t)) {
        if (line.type === 'invoke') lost = line
        else {
          if (lost && line.type === 'ok') worst = Math.max(worst, this.#recovery(lost, line, line.t, recoveryMsMax))
          lost = undefined
        }
      }
      if (lost) worst = Math.max(worst, this.#recovery(lost, undefined, lastAt, recoveryMsMax))
    }
    this.#verdict.figures.set('worst recovery ms', worst)
  }

  #recovery(lost: ConnectLine, back: ConnectLine | undefined, until: number, recoveryMsMax: number): number {
    if (this.#faults.touch(until, until)) return 0
    const ms = (until - Math.max(lost.t, this.#faults.lastHealed(until))) / usPerMs
    if (ms > recoveryMsMax)
      this.#verdict.add('C14', `${lost.proc} was ${back ? '' : 'not '}back after ${ms} ms; at most ${recoveryMsMax}`, lost, back)
    return ms
  }
}

const isLive = (line: DeliverLine): line is DeliverLine & { readonly lagMs: number } => line.lagMs !== undefined
