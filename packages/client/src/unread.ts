/**
 * Unread and mentions of one conversation (L8): `message` entries above the read cursor, not one's own, not deleted. Exact whenever
 * this device holds them all; else the server's figures, moved by what has come since.
 */

import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Log, Reported } from './log.ts'

export interface Figures {
  readonly unread: number
  readonly mentions: number
}

const none: Figures = { unread: 0, mentions: 0 }

export class Unread {
  #figures: Figures
  /** The figures count entries up to here. */
  #asOf: number
  #read: number
  /**
   * The figures may be wrong and have to be asked for: a message was deleted or edited of which this device does not know how it counted (it is
   * not held, or was folded already), or another device has read, and what is left above is not all held.
   */
  unsure = false

  constructor(read: number, { unread, mentions }: Figures, asOf: number) {
    this.#read = read
    this.#figures = { unread, mentions }
    this.#asOf = asOf
  }

  get read(): number {
    return this.#read
  }

  get figures(): Figures {
    return this.#figures
  }

  /** What the server counted for a cursor at `read`, with entries up to `asOf`. Older than one's own reading, it is no news. */
  correct(read: number, { unread, mentions }: Figures, asOf: number, log: Log, head: number, me: UserId): void {
    if (read < this.#read) {
      this.#settle(log, head, me)
      return
    }
    this.#read = read
    this.#figures = { unread, mentions }
    this.#asOf = asOf
    // Entries beyond the count that are no longer at hand cannot be counted on top.
    this.unsure = !log.covers(asOf)
    for (const { entry } of log.tail) {
      if (entry.seq <= asOf) continue
      if (entry.seq > read) this.#add(weight(entry, me))
      // The server had not seen it when it counted, and here it is folded already: the answer was on its way.
      if (amends(entry) && entry.target > read && entry.target <= asOf) this.unsure = true
    }
    this.#settle(log, head, me)
  }

  /** Reading on another device; `unsure` where this one cannot count what is left. Answers whether the cursor moved. */
  readElsewhere(seq: number, log: Log, head: number, me: UserId): boolean {
    if (seq <= this.#read) return false
    this.#read = seq
    if (!this.#settle(log, head, me)) this.unsure = true
    return true
  }

  /** Reading up to `seq`. Answers whether the cursor moved. */
  advance(seq: number, log: Log, head: number, me: UserId): boolean {
    if (seq <= this.#read) return false
    this.#read = seq
    this.#settle(log, head, me)
    return true
  }

  report({ held, changed }: Reported, log: Log, head: number, me: UserId): void {
    const { entry } = held
    if (entry.seq > this.#asOf) {
      if (entry.seq > this.#read) this.#add(weight(entry, me))
      if (changed && changed.before.entry.seq > this.#read) {
        this.#add(weight(changed.before.entry, me), -1)
        this.#add(weight(changed.after.entry, me))
      } else if (amends(entry) && entry.target > this.#read) this.unsure = true
      this.#asOf = entry.seq
    }
    this.#settle(log, head, me)
  }

  /** Counts where all that counts is held; answers whether it is. */
  #settle(log: Log, head: number, me: UserId): boolean {
    if (this.#read >= head) this.#figures = none
    else if (log.to >= head && log.covers(this.#read)) {
      this.#figures = none
      for (const { entry } of log.tail) if (entry.seq > this.#read) this.#add(weight(entry, me))
    } else return false
    this.#asOf = Math.max(this.#asOf, log.to)
    this.unsure = false
    return true
  }

  #add(by: Figures, sign = 1): void {
    if (by === none) return
    const { unread, mentions } = this.#figures
    const bounded = (figure: number) => Math.min(Math.max(figure, 0), limits.unreadMax + 1)
    this.#figures = { unread: bounded(unread + sign * by.unread), mentions: bounded(mentions + sign * by.mentions) }
  }
}

/** Whether it changes how another entry counts. */
function amends(entry: FoldedEntry): entry is Extract<FoldedEntry, { kind: 'delete' | 'edit' }> {
  return entry.kind === 'delete' || entry.kind === 'edit'
}

function weight(entry: FoldedEntry, me: UserId): Figures {
  if (entry.kind !== 'message' || entry.senderId === me || entry.deleted) return none
  return { unread: 1, mentions: entry.mentions?.includes(me) ? 1 : 0 }
}
