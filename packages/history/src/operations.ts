/** What was under way when: enough to say of a run whether it was empty. */
import type { Bounds } from './bounds.ts'
import { countBelow, countTo, type Faults } from './faults.ts'
import type { Verdict } from './verdict.ts'

export class Operations {
  readonly #begins: number[] = []
  readonly #ends: number[] = []
  #infos = 0

  /** One that has no end counts where it began only: it must not vouch for every fault after it. */
  add(begin: number, end: number | undefined, wasUnknown: boolean): void {
    this.#begins.push(begin)
    this.#ends.push(end ?? begin)
    if (wasUnknown) this.#infos++
  }

  /** V */
  check(faults: Faults, bounds: Bounds, verdict: Verdict): void {
    const count = this.#begins.length
    verdict.figures.set('operations', count)
    verdict.figures.set('of unknown outcome', this.#infos)
    verdict.figures.set('faults', faults.windows.length)
    const demand = (what: string, found: number, least: number) => {
      if (found < least) verdict.add('V', `${found} ${what}; at least ${least} are required`)
    }
    demand('operations', count, bounds.operationsMin)
    demand('operations of unknown outcome (info)', this.#infos, bounds.infosMin)
    demand('faults', faults.windows.length, bounds.faultsMin)

    const begins = Float64Array.from(this.#begins).sort()
    const ends = Float64Array.from(this.#ends).sort()
    for (const { begin, from, to } of faults.windows) {
      if (to === Number.POSITIVE_INFINITY)
        verdict.add('V', `the fault ${begin.id} was never healed: what is shown in the end proves nothing`, begin)
      if (countTo(begins, to) === countBelow(ends, from))
        verdict.add('V', `nothing was under way during the fault ${begin.id} (${begin.kind})`, begin)
    }
  }
}
