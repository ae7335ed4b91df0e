import type { Entry } from '@godwit/protocol/entry.ts'

/**
 * Entries for background work (projection sweep, blanking, later push and search): at least once, ordered per conversation.
 *
 * Contract, proven by `conformance/event-stream.ts`: every acknowledged entry is read sooner or later; entries of one
 * conversation come in seq order; a consumer that stores its position goes on from there after a crash and meets nothing less.
 */
export interface EventStream {
  /** Up to `limit` entries behind `position` ('' is the beginning) and the position behind the last of them. */
  read(position: string, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly position: string }>
  loadPosition(consumer: string): Promise<string>
  storePosition(consumer: string, position: string): Promise<void>
}
