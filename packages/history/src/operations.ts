/** What was under way when: enough to say of a run whether it was empty. */
import type { Bounds } from './bounds.ts'
import { countBelow, countTo, type Window } from './faults.ts'
import type { Verdict } from './verdict.ts'

/** When each began and ended, each of both rising. */
export interface Times {
  readonly begins: Float64Array
  readonly ends: Float64Array
  /** Of unknown outcome. */
  readonly infos: number
}

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

  get times(): Times {
    return { begins: Float64Array.from(this.#begins).sort(), ends: Float64Array.from(this.#ends).sort(), infos: this.#infos }
  }
}

/** V */
export function checkOperations(all: readonly Times[], windows: readonly Window[], bounds: Bounds, verdict: Verdict): void {
  const sumOf = (count: (times: Times) => number) => all.reduce((sum, times) => sum + count(times), 0)
  const operations = sumOf(({ begins }) => begins.length)
  const infos = sumOf((times) => times.infos)
  verdict.figures.set('operations', operations)
  verdict.figures.set('of unknown outcome', infos)
  verdict.figures.set('faults', windows.length)
  const demand = (what: string, found: number, least: number) => {
    if (found < least) verdict.add('V', `${found} ${what}; at least ${least} are required`)
  }
  demand('operations', operations, bounds.operationsMin)
  demand('operations of unknown outcome (info)', infos, bounds.infosMin)
  demand('faults', windows.length, bounds.faultsMin)
  for (const { begin, from, to } of windows) {
    if (to === Number.POSITIVE_INFINITY)
      verdict.add('V', `the fault ${begin.id} was never healed: what is shown in the end proves nothing`, begin)
    if (sumOf(({ begins, ends }) => countTo(begins, to) - countBelow(ends, from)) === 0)
      verdict.add('V', `nothing was under way during the fault ${begin.id} (${begin.kind})`, begin)
  }
}
