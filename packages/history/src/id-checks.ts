/** No client message id and no message id stands in the log twice: C2, asked entry by entry while the dump is read. */
import type { Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

export class IdChecks {
  readonly #verdict: Verdict
  /** Message ids rise as time goes on: one that was given before is not above all that were. */
  #highestId = ''
  readonly #notAbove = new Set<string>()

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  /** `first`: the first entry of the same command. */
  look(stored: Stored, first: Stored): void {
    if (first !== stored) this.#verdict.add('C2', `the client message id ${stored.cmid} is in the log twice`, first, stored)
    if (isAbove(stored.messageId, this.#highestId)) this.#highestId = stored.messageId
    else this.#notAbove.add(stored.messageId)
  }

  /** `all`: every entry that was looked at. */
  end(all: Iterable<Stored>): void {
    if (this.#notAbove.size === 0) return
    const given = new Map<string, Stored>()
    for (const stored of all) {
      if (!this.#notAbove.has(stored.messageId)) continue
      const double = given.get(stored.messageId)
      if (double) this.#verdict.add('C2', `the message id ${stored.messageId} was given twice`, double, stored)
      given.set(stored.messageId, stored)
    }
  }
}

/** Of whole numbers in decimal; of any other texts an order too, as good as another. */
function isAbove(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length
}
