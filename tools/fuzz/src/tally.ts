/** What was tried, and how it went. */
import { frameTypes, routes } from './make.ts'
import type { Outcome } from './verdict.ts'

interface Row {
  inputs: number
  accepted: number
}

/** What has to be accepted at least once in a run, or the run has tested less than it seems. */
const required: readonly string[] = [
  ...frameTypes.map((type) => `frame ${type}`),
  ...routes.map(({ operation }) => `route ${operation}`),
  'upgrade',
]

export class Tally {
  readonly #rows = new Map<string, Row>(required.map((label) => [label, { inputs: 0, accepted: 0 }]))
  readonly #codes = new Map<string, number>()
  readonly #outcomes = new Set<string>()
  inputs = 0
  accepted = 0

  /** True for an outcome that nothing has had before. */
  add({ label, accepted, codes }: Outcome): boolean {
    const row = this.#rows.get(label) ?? { inputs: 0, accepted: 0 }
    this.#rows.set(label, row)
    row.inputs++
    this.inputs++
    if (accepted) {
      row.accepted++
      this.accepted++
    }
    for (const code of new Set(codes)) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1)
    const outcome = `${label} ${codes}`
    const isNew = !this.#outcomes.has(outcome)
    this.#outcomes.add(outcome)
    return isNew
  }

  /** Never accepted. */
  get missing(): readonly string[] {
    return required.filter((label) => this.#rows.get(label)?.accepted === 0)
  }

  lines(): readonly string[] {
    const rows = [...this.#rows].filter(([label]) => !label.includes('/')).sort(([one], [other]) => (one < other ? -1 : 1))
    const codes = [...this.#codes].sort(([, one], [, other]) => other - one)
    return [
      ...rows.map(
        ([label, { inputs, accepted }]) =>
          `${label.padEnd(24)} ${String(inputs).padStart(8)} inputs ${String(accepted).padStart(8)} accepted`,
      ),
      `met: ${codes.map(([code, count]) => `${code} ${count}`).join(', ')}`,
    ]
  }
}
