/** The log as those see it who sent it: which command made which entry, found by its client message id. */
import { CommandIndex } from './command-index.ts'
import type { LogEntry } from './dump.ts'
import type { IdChecks } from './id-checks.ts'
import { getOrMake } from './maps.ts'
import { type Stored, sentKinds, storedOf } from './stored.ts'

/** The commands of one conversation. */
export class CommandLog {
  /** seq 1 first. */
  readonly log: Stored[] = []
  /** Of `log`: what is no message, edit, deletion or reaction. */
  readonly changes: Stored[] = []
  readonly #index = new CommandIndex(this.log)
  readonly #deleted = new Set<number>()

  get head(): number {
    return this.log.length
  }

  /** Answers the first entry of the same command: this one, or the one whose twin it is. */
  add(stored: Stored): Stored {
    this.log.push(stored)
    if (!sentKinds.has(stored.kind)) this.changes.push(stored)
    if (stored.kind === 'delete' && stored.target !== null) this.#deleted.add(stored.target)
    return this.#index.add(stored)
  }

  /** The entry that a command made: the first, should there be two. */
  find(sender: string, cmid: string): Stored | undefined {
    return this.#index.find(sender, cmid)
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
