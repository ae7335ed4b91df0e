import type { Entry, EntryKind } from '@godwit/protocol/entry.ts'

/**
 * Entries for background work (projection sweep, blanking, later push and search): at least once, ordered per conversation.
 *
 * Contract, proven by `conformance/event-stream.ts`:
 * - Whatever `append` answered with `appended` or `known`, or `find` told of, is met sooner or later, a new consumer beginning at
 *   the first entry. An entry that nobody was told of may never be met by itself, but is by the next of its conversation.
 * - Entries of one conversation come in seq order, without gaps but those that the consumer passes over. A place that was confirmed may
 *   come again, in order.
 * - What was not confirmed comes again, also after a crash; nothing of it is left out.
 */
export interface EventStream {
  /**
   * Up to `limit` entries behind what `consumer` has confirmed; none when it has met all that there is now.
   *
   * `passOver`: kinds that this consumer has no use for, the same with every call. When nothing but these follows its place, `next` itself
   * moves the place past them, without a confirmation.
   */
  next(consumer: string, limit: number, passOver: readonly EntryKind[]): Promise<Batch>
  /** The consumer has done what it has to do with all of the batch that came with this `upTo`. */
  confirm(consumer: string, upTo: string): Promise<void>
}

export interface Batch {
  readonly entries: readonly Entry[]
  /** Opaque. */
  readonly upTo: string
}
