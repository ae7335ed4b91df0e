/** What was typed into web pages, whose ids are the page's own, against the entries that no other command made: C1 and C5. */
import type { TypedLine } from './history.ts'
import { hashOf, type Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

export class TypedChecks {
  readonly #verdict: Verdict
  readonly #typed: TypedLine[] = []
  readonly #found: Stored[] = []

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  take(line: TypedLine): void {
    this.#typed.push(line)
  }

  /** An entry that must have been typed. */
  find(stored: Stored): void {
    this.#found.push(stored)
  }

  end(): void {
    const waiting = Map.groupBy(this.#typed, ({ conv, user, hash }) => `${conv} ${user} ${hashOf(hash)}`)
    // Of a line that was deleted since only its place is left.
    const blanks: Stored[] = []
    for (const stored of this.#found) {
      if (stored.isBlank) blanks.push(stored)
      else if (!waiting.get(`${stored.conv} ${stored.senderId} ${stored.hash}`)?.shift()) this.#invented(stored)
    }
    const left = Map.groupBy([...waiting.values()].flat(), ({ conv, user }) => `${conv} ${user}`)
    for (const stored of blanks) if (!left.get(`${stored.conv} ${stored.senderId}`)?.shift()) this.#invented(stored)
    for (const line of [...left.values()].flat()) this.#verdict.add('C1', 'typed into a page, and not in the log', line)
  }

  #invented(stored: Stored): void {
    this.#verdict.add('C5', `in the log, and nobody sent it: ${stored.cmid}`, stored)
  }
}
