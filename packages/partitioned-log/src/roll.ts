import type { Head } from '@godwit/server/ports/message-log.ts'
import { headBefore } from './layout.ts'
import type { BucketKey, LogTables } from './tables.ts'

/**
 * Opens the bucket behind a full one. The ids of that one are in the index *before*: whoever finds this bucket open looks there and no
 * longer in that one. A crash leaves a part of the copy, or a copy without a bucket; whoever comes next does it all again.
 *
 * Answers the head it begins at; null: the one before is not full, so there is no such bucket yet.
 */
export async function roll({ layout, buckets, ids }: LogTables, at: BucketKey): Promise<Head | null> {
  const full = await buckets.read({ ...at, bucket: at.bucket - 1 }, 'all')
  if (full?.head.seq !== headBefore(at.bucket, layout)) return null
  if (full.ids.length !== layout.bucketEntries)
    throw new Error(`bucket ${at.bucket - 1} of ${at.conversationId} is full and has ${full.ids.length} ids`)
  await ids.put(at.conversationId, full.ids)
  await buckets.open(at, full.head)
  return full.head
}
