import { type Blow, nameOf, numberOf } from './blows.ts'
import { failpoints } from './failpoints.ts'

/** What was tried, and what of it struck. */
export class Tally {
  readonly #rows = new Map<string, { tried: number; struck: number[] }>()

  add(blow: Blow, struck: boolean): void {
    const row = this.#rows.get(nameOf(blow)) ?? { tried: 0, struck: [] }
    this.#rows.set(nameOf(blow), row)
    row.tried++
    if (struck) row.struck.push(numberOf(blow))
  }

  /** Of all blows. */
  get kills(): number {
    return [...this.#rows.values()].reduce((sum, { tried }) => sum + tried, 0)
  }

  /** Tried and never reached: then the name promises what is not tested. */
  get unreached(): readonly string[] {
    return [...this.#rows].filter(([, { struck }]) => struck.length === 0).map(([name]) => name)
  }

  lines(): readonly string[] {
    const known = new Set(failpoints.map(({ name }) => name))
    const names = [...known, ...[...this.#rows.keys()].filter((name) => !known.has(name)).sort()]
    return names.map((name) => {
      const { tried, struck } = this.#rows.get(name) ?? { tried: 0, struck: [] }
      if (tried === 0) return `  ${name.padEnd(26)} not tried`
      const range = struck.length > 0 ? `at ${Math.min(...struck)}..${Math.max(...struck)}` : 'NOT REACHED'
      return `  ${name.padEnd(26)} ${String(struck.length).padStart(4)} of ${String(tried).padStart(4)}  ${range}`
    })
  }
}
