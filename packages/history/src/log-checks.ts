/** The log by itself: C2 and C3. */
import type { LogEntry } from './dump.ts'
import type { ExpectedConversation } from './expect.ts'
import type { Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

const membershipKinds = new Set(['created', 'added', 'removed', 'role', 'renamed', 'settings'])

export class LogChecks {
  /** Entries seen. */
  count = 0
  readonly #verdict: Verdict
  readonly #byMessageId = new Map<string, Stored>()
  readonly #before = new Map<string, { readonly entry: LogEntry; readonly count: number; readonly membershipSeq: number }>()
  readonly #broken = new Set<string>()

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  look(entry: LogEntry, { log }: ExpectedConversation, first: Stored): void {
    this.count++
    this.#checkIds(log.at(-1) as Stored, first)
    if (!this.#broken.has(entry.conv)) this.#checkPlace(entry)
  }

  #checkIds(stored: Stored, first: Stored): void {
    if (first !== stored) this.#verdict.add('C2', `the client message id ${stored.cmid} is in the log twice`, first, stored)
    const double = this.#byMessageId.get(stored.messageId)
    if (double) this.#verdict.add('C2', `the message id ${stored.messageId} was given twice`, double, stored)
    this.#byMessageId.set(stored.messageId, stored)
  }

  #checkPlace(entry: LogEntry): void {
    const { conv, seq, kind } = entry
    const before = this.#before.get(conv)
    const wrong = (what: string) => this.#verdict.add('C3', `${conv} ${what}`, before?.entry, entry)
    const due = (before?.entry.seq ?? 0) + 1
    if (seq !== due) {
      this.#broken.add(conv)
      wrong(`has seq ${seq} where ${due} is due`)
      return
    }
    if (seq === 1 && kind !== 'created') wrong('does not begin with its creation')
    const count = (before?.count ?? 0) + (kind === 'message' ? 1 : 0)
    const membershipSeq = membershipKinds.has(kind) ? seq : (before?.membershipSeq ?? 0)
    if (entry.count !== count) wrong(`counts ${entry.count} messages at seq ${seq}; there are ${count}`)
    if (entry.membershipSeq !== membershipSeq) wrong(`has the wrong membershipSeq at ${seq}`)
    if (before && entry.at < before.entry.at) wrong(`goes back in time at seq ${seq}`)
    this.#before.set(conv, { entry, count, membershipSeq })
  }
}
