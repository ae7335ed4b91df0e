import type { LogEntry } from './dump.ts'
import type { HistoryLine } from './history.ts'

/**
 * What was checked (RELIABILITY.md section 4.2).
 *
 * C1 every acked command is in the log, once · C2 no client message id twice · C3 seqs are 1..head, counts right · C4 an ack names the
 * seq and message id of the log · C5 what was refused is absent, what is unknown is there at most once, and nothing is there that
 * nobody sent · C6 a device is told strictly in order, each entry once · C7 in the end it has everything it is entitled to, folded
 * alike on all devices and over HTTP · C8 acked before sent means a lower seq · C9 one device's commands keep their order ·
 * C10 the body is as it was sent · C11 nothing from outside the intervals of membership · C12 cursors never go back; unread counts
 * and list follow from the log · V the run was not empty: operations were under way when faults struck
 */
export type CheckName = 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7' | 'C8' | 'C9' | 'C10' | 'C11' | 'C12' | 'V'

export interface Violation {
  readonly check: CheckName
  readonly message: string
  /** Of the history and of the dump. */
  readonly lines: readonly (HistoryLine | LogEntry)[]
}

/** Collects violations; keeps all counts but only the first of each check's details, so that a bad run stays readable. */
export class Violations {
  readonly #counts = new Map<CheckName, number>()
  readonly #kept: Violation[] = []
  readonly #keptMax: number

  constructor(keptMax = 50) {
    this.#keptMax = keptMax
  }

  add(check: CheckName, message: string, ...lines: readonly (HistoryLine | LogEntry | undefined)[]): void {
    const count = (this.#counts.get(check) ?? 0) + 1
    this.#counts.set(check, count)
    if (count <= this.#keptMax) this.#kept.push({ check, message, lines: lines.filter((line) => line !== undefined) })
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  get counts(): ReadonlyMap<CheckName, number> {
    return this.#counts
  }

  get kept(): readonly Violation[] {
    return this.#kept
  }
}
