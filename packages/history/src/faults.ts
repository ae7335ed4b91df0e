/** When faults were under way, asked by whoever excuses or demands something because of them. */
import type { FaultLine, LineOf } from './history.ts'

export interface Window {
  readonly begin: LineOf<'fault', 'invoke'>
  readonly from: number
  /** Infinite when it was never healed. */
  readonly to: number
}

export class Faults {
  readonly #begun = new Map<string, LineOf<'fault', 'invoke'>>()
  readonly #healed = new Map<string, number>()
  #sealed: { readonly windows: readonly Window[]; readonly starts: Float64Array; readonly ends: Float64Array } | undefined

  take(line: FaultLine): void {
    if (line.type === 'invoke') this.#begun.set(line.id, line)
    else this.#healed.set(line.id, line.t)
  }

  /** By their beginnings. From the first question on nothing is taken any more. */
  get windows(): readonly Window[] {
    return this.#seal().windows
  }

  /** Whether any fault was under way between two moments, both included. */
  touch(from: number, to: number): boolean {
    const { starts, ends } = this.#seal()
    return countTo(starts, to) > countBelow(ends, from)
  }

  /** When the last fault that was healed up to `t` was; -Infinity without one. */
  lastHealed(t: number): number {
    const { ends } = this.#seal()
    return ends[countTo(ends, t) - 1] ?? Number.NEGATIVE_INFINITY
  }

  #seal() {
    if (this.#sealed) return this.#sealed
    const windows = [...this.#begun.values()]
      .map((begin): Window => ({ begin, from: begin.t, to: this.#healed.get(begin.id) ?? Number.POSITIVE_INFINITY }))
      .sort((a, b) => a.from - b.from)
    this.#sealed = {
      windows,
      starts: Float64Array.from(windows, ({ from }) => from),
      ends: Float64Array.from(windows, ({ to }) => to).sort(),
    }
    return this.#sealed
  }
}

/** How many of rising numbers are at most `limit`. */
export function countTo(rising: Float64Array, limit: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** How many of rising numbers are less than `limit`. */
export function countBelow(rising: Float64Array, limit: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] as number) < limit) low = middle + 1
    else high = middle
  }
  return low
}
