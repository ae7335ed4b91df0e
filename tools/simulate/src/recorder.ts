/** The history of a run (`@godwit/history`), stamped with virtual time. */
import type { HistoryLine } from '@godwit/history/history.ts'

/** A history line before its time is taken. */
export type Unstamped<L = HistoryLine> = L extends HistoryLine ? Omit<L, 't'> : never

export class Recorder {
  readonly lines: HistoryLine[] = []
  readonly #now: () => number
  #last = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Microseconds, each a little later than the one before: what happened first is told first. */
  record(line: Unstamped): void {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#now() * 1_000))
    this.lines.push({ t: this.#last, ...line } as HistoryLine)
  }
}
