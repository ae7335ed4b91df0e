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
  readonly #live: LiveLine[] = []
  readonly #recoveries: (readonly [Lost, Back])[] = []
  /** By device: when it lost its link, until it is back. */
  readonly #lost = new Map<string, Lost>()

  constructor(faults: Faults, verdict: Verdict) {
    this.#faults = faults
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op === 'deliver' && isLive(line)) this.#live.push(line)
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
      if (lost && line.type === 'ok') this.#recoveries.push([lost, line])
      this.#lost.delete(line.proc)
    }
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
    const look = (lost: Lost, until: number, back?: Back) => {
      const ms = this.#recoveryMs(lost.t, until)
      worst = Math.max(worst, ms)
      if (ms > recoveryMsMax)
        this.#verdict.add('C14', `${lost.proc} was ${back ? '' : 'not '}back after ${ms} ms; at most ${recoveryMsMax}`, lost, back)
    }
    for (const [lost, back] of this.#recoveries) look(lost, back.t, back)
    for (const lost of this.#lost.values()) look(lost, lastAt)
    this.#verdict.figures.set('worst recovery ms', worst)
  }

  #recoveryMs(lostAt: number, until: number): number {
    if (this.#faults.touch(until, until)) return 0
    return (until - Math.max(lostAt, this.#faults.lastHealed(until))) / usPerMs
  }
}

const isLive = (line: DeliverLine): line is LiveLine => line.lagMs !== undefined
