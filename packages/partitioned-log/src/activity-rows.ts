/**
 * Rows that say in which minute a conversation was appended to, so that the event stream finds what nobody has announced.
 *
 * The row is written before the append, and the append sent while its minute is current. The stream reads a minute when `markSlackMs` have
 * passed since its end: clock lag, pauses and the lifetime of an append are less together, so whatever was sent under a row is there by then.
 * Nothing acked depends on that: before anybody is told of an entry, the row of the minute of the telling is there too.
 */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import { minuteOf, shardOf } from './layout.ts'
import type { LogTables } from './tables.ts'

export class ActivityRows {
  readonly #tables: LogTables
  readonly #clock: Pick<Clock, 'now'>
  #minute = 0
  /** Whose row of `#minute` was written from here. */
  readonly #marked = new Set<ConversationId>()

  constructor(tables: LogTables, clock: Pick<Clock, 'now'>) {
    this.#tables = tables
    this.#clock = clock
  }

  /** Settles in a minute whose row is written: once a minute it is a trip. */
  async mark(conversationId: ConversationId): Promise<void> {
    const { layout, activity } = this.#tables
    for (;;) {
      const minute = minuteOf(this.#clock.now())
      if (minute !== this.#minute || this.#marked.size >= limits.activityRowsCachedMax) this.#marked.clear()
      this.#minute = minute
      if (this.#marked.has(conversationId)) return
      await activity.put(minute, shardOf(conversationId, layout), conversationId)
      if (minute === this.#minute) this.#marked.add(conversationId)
    }
  }
}
