/**
 * `MessageLog` over buckets: partitions of N entries, each with compare-and-set of its own and nothing atomic beyond it (DESIGN.md
 * section 4; `model/append_core.py` and `append_rules.py` have every interleaving of the rules in the small).
 *
 *   bucket k-1 (full)      bucket k (current)        index of ids        amendments      activity
 *   head = kN              head = h                  ids of 0..k-1       by target       by minute
 *   entries, ids           entries, ids
 *
 *   append at h:  ids of bucket k, read at h -> index -> rows of amendments and activity -> batch IF head = h
 *   k is full:    its ids -> index -> open k+1 IF NOT EXISTS            (`roll.ts`)
 *
 * Every file has one of the ideas. What is written beside the log is written before the append, so that a crash leaves a row too many
 * and never one too few.
 */

import type { Clock } from '@godwit/server/ports/clock.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import { ActivityRows } from './activity-rows.ts'
import { append } from './append.ts'
import { blank } from './blank.ts'
import type { BucketHints } from './bucket-hints.ts'
import { currentBucket } from './current-bucket.ts'
import { findIds } from './find-ids.ts'
import { membershipEntries } from './membership-entries.ts'
import { readRange } from './read-range.ts'
import { RecentBuckets } from './recent-buckets.ts'
import type { LogTables } from './tables.ts'
import { unread } from './unread.ts'

export interface PartitionedLogOptions {
  readonly tables: LogTables
  readonly hints: BucketHints
  readonly clock: Pick<Clock, 'now'>
}

export function partitionedLog({ tables, hints, clock }: PartitionedLogOptions): MessageLog {
  const deps = { tables, hints, clock, recent: new RecentBuckets(), activity: new ActivityRows(tables, clock) }
  return {
    append: (conversationId, expectedHead, entries) => append(deps, conversationId, expectedHead, entries),
    heads: (conversationIds) => Promise.all(conversationIds.map(async (id) => (await currentBucket(deps, id))?.head ?? null)),
    read: (conversationId, range) => readRange(deps, conversationId, range),
    find: (conversationId, keys) => findIds(deps, conversationId, keys),
    membershipEntries: (conversationId, after, upTo) => membershipEntries(deps, conversationId, after, upTo),
    unread: (questions) => Promise.all(questions.map((question) => unread(deps, question))),
    blank: (conversationId, target) => blank(deps, conversationId, target),
  }
}
