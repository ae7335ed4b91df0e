import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, MessageId } from '@godwit/protocol/ids.ts'
import type { CommandKey, Head, StoredId } from '@godwit/server/ports/message-log.ts'
import type { Layout } from './layout.ts'

/**
 * What the log asks of a store of partitions: five tables with a few verbs each. Cassandra offers them; `testing/memory-tables.ts` has them
 * in memory.
 *
 * Contract, proven by `conformance/log-tables.ts`:
 * - A verb of `Buckets` that names one bucket is linearizable in it. No verb is atomic over several partitions: of many rows, some may be
 *   written, or seen, and others not.
 * - A read sees every write that was answered before it began.
 * - A write that throws has an unknown outcome: it may have been applied, may be applied later, or never. The others than `append` may
 *   be repeated: what is there already stays.
 */
export interface LogTables {
  readonly layout: Layout
  readonly buckets: Buckets
  readonly ids: IdIndex
  readonly amendments: Amendments
  readonly activity: Activity
  readonly places: Places
}

export interface BucketKey {
  readonly conversationId: ConversationId
  readonly bucket: number
}

/**
 * The log itself. A partition is a bucket of a conversation: its head, a row for each entry, and a row for each client id. It is the only
 * table that is written by compare-and-set, and is written by nothing else.
 */
export interface Buckets {
  /** The head, and of the client ids all or those asked for; they are at least as new as the head. null: no such bucket. */
  read(at: BucketKey, ids: 'all' | readonly CommandKey[]): Promise<BucketState | null>
  /**
   * One conditional batch: iff the head stands at `expected`, the new head, the entries and their client ids, all together. Answers
   * whether it was applied. `expected` is null for the first bucket of a conversation, which is not there yet.
   */
  append(at: BucketKey, expected: number | null, batch: BucketBatch): Promise<boolean>
  /** Makes an empty bucket behind `head`, unless it is there. */
  open(at: BucketKey, head: Head): Promise<void>
  /** The entries at these seqs that are there, rising, from as many buckets as they stand in. */
  entries(conversationId: ConversationId, seqs: readonly number[]): Promise<readonly Entry[]>
  /** Puts the content of `entry` in the place of what stands at its seq, iff something stands there. */
  blank(entry: Entry): Promise<void>
}

export interface BucketState {
  readonly head: Head
  readonly ids: readonly StoredId[]
}

export interface BucketBatch {
  /** When all of `entries` are in. */
  readonly head: Head
  readonly entries: readonly Entry[]
  readonly ids: readonly StoredId[]
}

/** The client ids of all buckets but the newest, for ever. */
export interface IdIndex {
  put(conversationId: ConversationId, ids: readonly StoredId[]): Promise<void>
  /** Those that are there, in any order. */
  find(conversationId: ConversationId, keys: readonly CommandKey[]): Promise<readonly StoredId[]>
}

/** Which entries amend which, in the partition of the bucket of the target. A row may tell of an entry that never came to be. */
export interface Amendments {
  put(conversationId: ConversationId, amendments: readonly Amendment[]): Promise<void>
  /** In any order. */
  of(conversationId: ConversationId, targets: readonly number[]): Promise<readonly Amendment[]>
}

export interface Amendment {
  readonly target: number
  readonly seq: number
  readonly messageId: MessageId
}

/** Conversations in which something was about to be appended in a minute; a partition is a shard of a minute. */
export interface Activity {
  put(minute: number, shard: number, conversationId: ConversationId): Promise<void>
  /** Those behind `after` ('' is the beginning), rising, at most `limit`. */
  read(minute: number, shard: number, after: ConversationId | '', limit: number): Promise<readonly ConversationId[]>
}

/** How far consumers of the event stream have come. */
export interface Places {
  /** null: the consumer has confirmed nothing. */
  load(consumer: string): Promise<Place | null>
  /** The last seq of each conversation that the consumer has confirmed, or 0. In the order asked. */
  seqs(consumer: string, conversationIds: readonly ConversationId[]): Promise<readonly number[]>
  /** A seq never goes back: of two the higher stays. */
  store(consumer: string, place: Place, seqs: readonly (readonly [ConversationId, number])[]): Promise<void>
}

/** In the minutes, the shards of each, and the conversations of each, everything up to and with `after`. */
export interface Place {
  readonly minute: number
  readonly shard: number
  readonly after: ConversationId | ''
}
