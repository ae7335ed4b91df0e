/** What the raw log shows without any history: C3, asked entry by entry while the dump is read. */
import type { LogEntry } from './dump.ts'
import type { Verdict } from './verdict.ts'

const membershipKinds = new Set(['created', 'added', 'removed', 'role', 'renamed', 'settings'])

export class PlaceChecks {
  /** Entries seen. */
  count = 0
  readonly #verdict: Verdict
  readonly #before = new Map<string, { entry: LogEntry; count: number; membershipSeq: number }>()
  readonly #broken = new Set<string>()

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  get conversations(): number {
    return this.#before.size
  }

  look(entry: LogEntry): void {
    const { conv, seq, kind } = entry
    this.count++
    if (this.#broken.has(conv)) return
    const before = this.#before.get(conv)
    const wrong = (what: string) => this.#verdict.add('C3', `${conv} ${what}`, before?.entry, entry)
    const due = (before?.entry.seq ?? 0) + 1
    if (seq !== due) {
      wrong(`has seq ${seq} where ${due} is due`)
      this.#broken.add(conv)
      return
    }
    if (seq === 1 && kind !== 'created') wrong('does not begin with its creation')
    const count = (before?.count ?? 0) + (kind === 'message' ? 1 : 0)
    const membershipSeq = membershipKinds.has(kind) ? seq : (before?.membershipSeq ?? 0)
    if (entry.count !== count) wrong(`counts ${entry.count} messages at seq ${seq}; there are ${count}`)
    if (entry.membershipSeq !== membershipSeq) wrong(`has the wrong membershipSeq at ${seq}`)
    if (before && entry.at < before.entry.at) wrong(`goes back in time at seq ${seq}`)
    if (!before) this.#before.set(conv, { entry, count, membershipSeq })
    else {
      before.entry = entry
      before.count = count
      before.membershipSeq = membershipSeq
    }
  }
}
