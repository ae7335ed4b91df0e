/** Where things stand: the arithmetic of buckets, minutes and shards. */
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'

/** Written down when the tables are made, and never changed: whoever reads with another layout finds nothing. */
export interface Layout {
  /** Entries of a bucket, N. */
  readonly bucketEntries: number
  /** Partitions of a minute of activity. */
  readonly shards: number
  /** In which the tables were made: there is no activity before it. */
  readonly firstMinute: number
}

/** Bucket k holds seqs k*N + 1 .. (k+1)*N. */
export function bucketOf(seq: number, { bucketEntries }: Layout): number {
  return Math.floor((seq - 1) / bucketEntries)
}

/** The head at which bucket k begins, which is that of a full bucket k-1. */
export function headBefore(bucket: number, { bucketEntries }: Layout): number {
  return bucket * bucketEntries
}

/** How many entries go behind `head` into one bucket. */
export function roomAt(head: number, { bucketEntries }: Layout): number {
  return bucketEntries - (head % bucketEntries)
}

/** `at` in Unix ms. */
export function minuteOf(at: number): number {
  return Math.floor(at / limits.activityMinuteMs)
}

/** FNV-1a: the conversations of one minute spread over its shards. */
export function shardOf(conversationId: ConversationId, { shards }: Layout): number {
  let hash = 2_166_136_261
  for (let i = 0; i < conversationId.length; i++) hash = Math.imul(hash ^ conversationId.charCodeAt(i), 16_777_619)
  return (hash >>> 0) % shards
}
