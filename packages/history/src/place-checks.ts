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
    const due = (before?.entry.seq ?? 0) + 1
    if (seq !== due) {
      this.#wrong(`has seq ${seq} where ${due} is due`, before?.entry, entry)
      this.#broken.add(conv)
      return
    }
    if (seq === 1 && kind !== 'created') this.#wrong('does not begin with its creation', before?.entry, entry)
    const count = (before?.count ?? 0) + (kind === 'message' ? 1 : 0)
    const membershipSeq = membershipKinds.has(kind) ? seq : (before?.membershipSeq ?? 0)
    if (entry.count !== count) this.#wrong(`counts ${entry.count} messages at seq ${seq}; there are ${count}`, before?.entry, entry)
    if (entry.membershipSeq !== membershipSeq) this.#wrong(`has the wrong membershipSeq at ${seq}`, before?.entry, entry)
    if (before && entry.at < before.entry.at) this.#wrong(`goes back in time at seq ${seq}`, before?.entry, entry)
    if (!before) this.#before.set(conv, { entry, count, membershipSeq })
    else {
      before.entry = entry
      before.count = count
      before.membershipSeq = membershipSeq
    }
  }

  #wrong(what: string, before: LogEntry | undefined, entry: LogEntry): void {
    this.#verdict.add('C3', `${entry.conv} ${what}`, before, entry)
  }
}
