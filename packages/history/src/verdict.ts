import type { LogEntry } from './dump.ts'
import type { HistoryLine } from './history.ts'

/** What is checked (docs/delivery.md), in the order of the report. */
export const checkNames = {
  C1: 'every acked command is in the log',
  C2: 'no client message id twice, no message id twice',
  C3: 'seqs are 1..head, counts right',
  C4: 'every ack of a command names the seq and message id of the log',
  C5: 'what was refused is absent, and nothing is there that nobody sent',
  C6: 'a device is told strictly in order, none left out',
  C7: 'in the end it has everything it is entitled to, folded alike everywhere',
  C8: 'acked before sent means a lower seq',
  C9: "one device's commands keep their order",
  C10: 'the body is as it was sent',
  C11: 'nothing from outside the intervals of membership',
  C12: 'cursors never go back; unread counts and list follow from the log',
  C13: 'no entry is told twice, and few frames repeat one',
  C14: 'delivery and recovery take no longer than their bounds',
  V: 'the run was not empty: operations were under way when faults struck',
} as const

export type CheckName = keyof typeof checkNames

/** Points at an entry of the dump, which is not kept. */
export type EntryRef = Pick<LogEntry, 'conv' | 'seq' | 'senderId' | 'kind'> & { readonly line?: number | undefined }

export interface Violation {
  readonly check: CheckName
  readonly message: string
  /** The offending lines, of the history and of the dump: a dump's have no `op`. */
  readonly lines: readonly (HistoryLine | EntryRef)[]
}

/** What a verdict holds, as plain data. */
export interface Collected {
  /** Of those checks that found something. */
  readonly counts: ReadonlyMap<CheckName, number>
  readonly kept: readonly Violation[]
  /** What was looked at, by name: `operations`, `worst recovery ms` … */
  readonly figures: ReadonlyMap<string, number>
}

/** Collects violations; keeps all counts but only the first of each check's details, so that a bad run stays readable. */
export class Verdict implements Collected {
  readonly #counts = new Map<CheckName, number>()
  readonly #kept: Violation[] = []
  readonly #keptMax: number
  readonly figures = new Map<string, number>()

  constructor(keptMax = 50) {
    this.#keptMax = keptMax
  }

  add(check: CheckName, message: string, ...lines: readonly (HistoryLine | EntryRef | undefined)[]): void {
    const count = (this.#counts.get(check) ?? 0) + 1
    this.#counts.set(check, count)
    if (count <= this.#keptMax) this.#kept.push({ check, message, lines: lines.filter((line) => line !== undefined).map(refOf) })
  }

  /** All that another one holds. */
  take({ counts, kept, figures }: Collected): void {
    for (const [check, count] of counts) this.#counts.set(check, (this.#counts.get(check) ?? 0) + count)
    this.#kept.push(...kept)
    for (const [what, value] of figures) this.figures.set(what, value)
  }

  get collected(): Collected {
    return { counts: this.counts, kept: this.kept, figures: this.figures }
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

function refOf(line: HistoryLine | EntryRef): HistoryLine | EntryRef {
  if ('op' in line) return line
  const { conv, seq, senderId, kind } = line
  return { conv, seq, senderId, kind, ...(line.line === undefined ? {} : { line: line.line }) }
}
