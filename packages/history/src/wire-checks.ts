/** Repeats on the wire are allowed, counted, and few: C13. */
import type { Bounds } from './bounds.ts'
import type { HistoryLine, RawLine } from './history.ts'
import type { Check } from './sides.ts'
import type { Verdict } from './verdict.ts'

export class WireChecks implements Check {
  readonly ops = ['raw'] as const
  readonly #verdict: Verdict
  #frames = 0
  #repeated = 0
  #worst: RawLine | undefined

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  take(line: HistoryLine): void {
    if (line.op !== 'raw') return
    this.#frames += line.frames
    this.#repeated += line.repeated
    if (line.repeated > (this.#worst?.repeated ?? 0)) this.#worst = line
  }

  end({ repeatedShareMax }: Bounds): void {
    const share = this.#frames === 0 ? 0 : this.#repeated / this.#frames
    this.#verdict.figures.set('entry frames', this.#frames)
    this.#verdict.figures.set('of them repeated', this.#repeated)
    if (share > repeatedShareMax)
      this.#verdict.add(
        'C13',
        `${this.#repeated} of ${this.#frames} entry frames repeated one: ${share.toFixed(3)} is above ${repeatedShareMax}`,
        this.#worst,
      )
  }
}
