/** The log as those see it who sent it: which command made which entry, found by its client message id. */
import { CommandIndex } from './command-index.ts'
import type { LogEntry } from './dump.ts'
import type { IdChecks } from './id-checks.ts'
import { getOrMake } from './maps.ts'
import { type Stored, sentKinds, storedOf } from './stored.ts'

/** Entries to either side of where a command is expected that are looked at before the index is asked. */
const looksMax = 8

/** The commands of one conversation. */
export class CommandLog {
  /** seq 1 first. */
  readonly log: Stored[] = []
  /** Of `log`: what is no message, edit, deletion or reaction. */
  readonly changes: Stored[] = []
  readonly #index = new CommandIndex(this.log)
  readonly #deleted = new Set<number>()
  /** Client message ids rise as time goes on: one that is above all before it is no twin of any. */
  #highestCmid = ''
  /** Entries of commands that had one already. */
  readonly #twins = new Set<Stored>()
  /** Place behind the entry that was found last. */
  #next = 0

  get head(): number {
    return this.log.length
  }

  /** Answers the first entry of the same command: this one, or the one whose twin it is. */
  add(stored: Stored): Stored {
    this.log.push(stored)
    if (!sentKinds.has(stored.kind)) this.changes.push(stored)
    if (stored.kind === 'delete' && stored.target !== null) this.#deleted.add(stored.target)
    if (stored.cmid > this.#highestCmid) {
      this.#highestCmid = stored.cmid
      return stored
    }
    const first = this.#index.find(stored.senderId, stored.cmid) as Stored
    if (first !== stored) this.#twins.add(stored)
    return first
  }

  /** The entry that a command made: the first, should there be two. */
  find(sender: string, cmid: string): Stored | undefined {
    const found = this.#findNear(sender, cmid) ?? this.#index.find(sender, cmid)
    if (found) this.#next = found.seq
    return found
  }

  /** Commands are given in about the order in which they are stored, and answered soon. Of twins only the index knows the first. */
  #findNear(sender: string, cmid: string): Stored | undefined {
    if (this.#twins.size > 0) return undefined
    const isIt = (entry: Stored | undefined) => entry?.senderId === sender && entry.cmid === cmid
    const next = this.log[this.#next]
    if (isIt(next)) return next
    const last = Math.min(this.#next + looksMax, this.log.length - 1)
    for (let place = Math.max(this.#next - looksMax, 0); place <= last; place++) if (isIt(this.log[place])) return this.log[place]
    return undefined
  }

  isTwin(stored: Stored): boolean {
    return this.#twins.has(stored)
  }

  isDeleted(seq: number): boolean {
    return this.#deleted.has(seq)
  }
}

export class Commands {
  readonly conversations = new Map<string, CommandLog>()
  readonly #ids: IdChecks

  /** `ids` is shown every entry. */
  constructor(ids: IdChecks) {
    this.#ids = ids
  }

  add(entry: LogEntry): void {
    const stored = storedOf(entry)
    const log = getOrMake(this.conversations, entry.conv, () => new CommandLog())
    this.#ids.look(stored, log.add(stored))
  }

  /** All entries have been added. */
  end(): void {
    this.#ids.end(this.conversations.values().flatMap(({ log }) => log))
  }
}
