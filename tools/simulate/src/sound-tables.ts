/** L2, L3: what the tables of a partitioned log look like when nothing is under way. */
import { keyOf } from '@godwit/partitioned-log/command-key.ts'
import { headBefore } from '@godwit/partitioned-log/layout.ts'
import type { StoredBucket, TableData } from '@godwit/partitioned-log/testing/memory-tables.ts'
import { isAmendment } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Problem } from './world.ts'

export function unsoundTables(data: TableData): readonly Problem[] {
  return [...data.buckets].flatMap(([id, buckets]) => [...buckets].flatMap(([n, bucket]) => unsoundBucket(data, id, n, bucket)))
}

function unsoundBucket(data: TableData, id: ConversationId, n: number, { head, entries, ids }: StoredBucket): readonly Problem[] {
  const found: Problem[] = []
  const tell = (rule: string, what: string) => found.push({ rule, message: `bucket ${n} of ${id} ${what}` })
  const first = headBefore(n, data.layout) + 1
  const isRolled = data.buckets.get(id)?.has(n + 1) ?? false
  const last = headBefore(n + 1, data.layout)
  if (head.seq > last || (isRolled && head.seq < last)) tell('L2', `ends at ${head.seq}, and its last is ${last}`)
  if (entries.size !== head.seq - first + 1 || ![...entries.keys()].every((seq) => seq >= first && seq <= head.seq))
    tell('L2', `holds ${[...entries.keys()].join(' ')}, and its head is ${head.seq}`)
  for (const entry of entries.values()) {
    if (isAmendment(entry) && !data.amendments.get(id)?.some(({ seq, messageId }) => seq === entry.seq && messageId === entry.messageId))
      tell('L2', `has an amendment at ${entry.seq} that its target does not know of`)
    if (ids.get(keyOf(entry))?.seq !== entry.seq) tell('L3', `does not know the id of ${entry.seq}`)
    if (isRolled && data.ids.get(id)?.get(keyOf(entry))?.seq !== entry.seq)
      tell('L3', `was rolled, and the index lacks the id of ${entry.seq}`)
  }
  return found
}
