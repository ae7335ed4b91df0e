import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'

/**
 * When the last entry of each conversation was appended, in Unix ms: what a list is ordered by, and what tells a
 * device whether there is news. To look it up costs a row of the log for
 * each conversation of a user, and an index that has it would be paid for by every append. So the reader thread remembers it, and before
 * it answers forgets whatever was appended to since. The log names that by position: with one writer, what was committed since is what
 * stands behind the newest position seen, so the answer is always of the reader's own snapshot.
 */
export class LastTimes {
  readonly #newest
  readonly #appendedTo
  readonly #read
  readonly #at = new Map<number, number>()
  /** Newest in the log when `#at` was last brought up to date. */
  #position = 0

  constructor(db: DatabaseSync) {
    this.#newest = db.prepare('SELECT max(position) AS position FROM entries')
    this.#appendedTo = db.prepare(`
      SELECT json_group_array(conversation) AS conversations FROM (SELECT conversation FROM entries WHERE position > ? LIMIT ?)`)
    this.#read = db.prepare(`
      SELECT value, (SELECT at FROM entries WHERE conversation = value ORDER BY seq DESC LIMIT 1) FROM json_each(?)`)
    this.#read.setReturnArrays(true)
  }

  /** Of these conversations, in their order; undefined where there is no entry. */
  of(conversations: readonly number[]): readonly (number | undefined)[] {
    this.#bringUpToDate()
    const times = conversations.map((conversation) => this.#at.get(conversation))
    const unknown = conversations.filter((_, nth) => times[nth] === undefined)
    if (unknown.length === 0) return times
    const read = this.#read.all(JSON.stringify(unknown)) as unknown as readonly (readonly [number, number | null])[]
    for (const [conversation, at] of read) if (at !== null) this.#at.set(conversation, at)
    return conversations.map((conversation) => this.#at.get(conversation))
  }

  #bringUpToDate(): void {
    if (this.#at.size > limits.storeLastTimesMax) this.#at.clear()
    const [since, newest] = [this.#position, Number(this.#newest.get()?.position ?? 0)]
    if (newest === since) return
    if (this.#at.size === 0) {
      this.#position = newest
      return
    }
    const appendedTo = JSON.parse(String(this.#appendedTo.get(since, limits.storeLastTimesBehindMax + 1)?.conversations)) as number[]
    if (appendedTo.length > limits.storeLastTimesBehindMax) this.#at.clear()
    else for (const conversation of appendedTo) this.#at.delete(conversation)
    // Last: if a statement fails, what it was to tell of is asked for again.
    this.#position = newest
  }
}
