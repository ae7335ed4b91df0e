/**
 * Commands of one conversation whose append was never answered. While the head stands where they were sent to, they may still be
 * appended; so a refusal that rests on what is not in the log (a block moves no head) is not final then. After `markSlackMs` no
 * append is under way any more (DESIGN.md section 4).
 */
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { NewEntry } from '../ports/message-log.ts'
import type { Command } from './command.ts'
import { idKey } from './known-ids.ts'

export class Unanswered {
  readonly #clock: Clock
  #head = 0
  #at = 0
  /** At most `appendQueueMax`. */
  #keys = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An append of these at `head` has ended in an error. */
  add(head: number, entries: readonly NewEntry[]): void {
    if (head !== this.#head) this.#keys = new Set()
    this.#head = head
    this.#at = this.#clock.now()
    for (const { senderId, clientMsgId } of entries)
      if (this.#keys.size < limits.appendQueueMax) this.#keys.add(idKey(senderId, clientMsgId))
  }

  mayLand(head: number, { sender, clientMsgId }: Command): boolean {
    if (head !== this.#head || this.#keys.size === 0 || this.#clock.now() - this.#at > limits.markSlackMs) return false
    return this.#keys.has(idKey(sender.userId, clientMsgId))
  }
}
