/** What the raw log shows without any history: C3, asked entry by entry while the dump is read. */
import type { LogEntry } from './dump.ts'
import type { EntryRef, Verdict } from './verdict.ts'

const membershipKinds = new Set(['created', 'added', 'removed', 'role', 'renamed', 'settings'])

/** The last entry of a conversation, without its content, which is not kept. */
interface Last {
  readonly conv: string
  seq: number
  senderId: string
  kind: string
  line: number | undefined
  at: number
  /** Messages so far. */
  count: number
  membershipSeq: number
}

export class PlaceChecks {
  /** Entries seen. */
  count = 0
  readonly #verdict: Verdict
  readonly #lasts = new Map<string, Last>()
  readonly #broken = new Set<string>()

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  get conversations(): number {
    return this.#lasts.size
  }

  look(entry: LogEntry): void {
    const { conv, seq, senderId, kind, line, at } = entry
    this.count++
    if (this.#broken.has(conv)) return
    const last = this.#lasts.get(conv)
    const due = (last?.seq ?? 0) + 1
    if (seq !== due) {
      this.#wrong(`has seq ${seq} where ${due} is due`, last, entry)
      this.#broken.add(conv)
      return
    }
    if (seq === 1 && kind !== 'created') this.#wrong('does not begin with its creation', last, entry)
    const count = (last?.count ?? 0) + (kind === 'message' ? 1 : 0)
    const membershipSeq = membershipKinds.has(kind) ? seq : (last?.membershipSeq ?? 0)
    if (entry.count !== count) this.#wrong(`counts ${entry.count} messages at seq ${seq}; there are ${count}`, last, entry)
    if (entry.membershipSeq !== membershipSeq) this.#wrong(`has the wrong membershipSeq at ${seq}`, last, entry)
    if (last && at < last.at) this.#wrong(`goes back in time at seq ${seq}`, last, entry)
    if (!last) {
      this.#lasts.set(conv, { conv, seq, senderId, kind, line, at, count, membershipSeq })
      return
    }
    last.seq = seq
    last.senderId = senderId
    last.kind = kind
    last.line = line
    last.at = at
    last.count = count
    last.membershipSeq = membershipSeq
  }

  #wrong(what: string, before: EntryRef | undefined, entry: LogEntry): void {
    this.#verdict.add('C3', `${entry.conv} ${what}`, before, entry)
  }
}
