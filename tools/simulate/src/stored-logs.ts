/** What stands in the store of a run, for those that judge it: one disk with whole logs, or tables with buckets of them. */
import type { Disk } from '@godwit/backend-memory/disk.ts'
import { keyOf } from '@godwit/partitioned-log/command-key.ts'
import type { TableData } from '@godwit/partitioned-log/testing/memory-tables.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey, Head } from '@godwit/server/ports/message-log.ts'

export interface StoredLogs {
  readonly conversations: Iterable<ConversationId>
  head(conversationId: ConversationId): Head | null
  /** In the order of the log, whatever seqs they have. */
  entries(conversationId: ConversationId): readonly Entry[]
  has(conversationId: ConversationId, key: CommandKey): boolean
}

export function logsOnDisk({ logs }: Disk): StoredLogs {
  return {
    get conversations() {
      return logs.keys()
    },
    head: (id) => logs.get(id)?.head ?? null,
    entries: (id) => logs.get(id)?.entries ?? [],
    has: (id, key) => logs.get(id)?.ids.has(keyOf(key)) ?? false,
  }
}

export function logsInTables({ buckets }: TableData): StoredLogs {
  const inOrder = (id: ConversationId) => [...(buckets.get(id) ?? [])].sort(([one], [other]) => one - other).map(([, bucket]) => bucket)
  return {
    get conversations() {
      return buckets.keys()
    },
    head: (id) => inOrder(id).at(-1)?.head ?? null,
    entries: (id) => inOrder(id).flatMap(({ entries }) => [...entries.values()]),
    has: (id, key) => inOrder(id).some(({ ids }) => ids.has(keyOf(key))),
  }
}
