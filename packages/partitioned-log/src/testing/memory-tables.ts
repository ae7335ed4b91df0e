/** The tables in memory. They hold no state of their own: a restart is new tables over the same data. */
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { Head, StoredId } from '@godwit/server/ports/message-log.ts'
import { keyOf } from '../command-key.ts'
import { bucketOf, type Layout } from '../layout.ts'
import type { Amendment, Buckets, LogTables, Place, Places } from '../tables.ts'

export interface TableData {
  readonly layout: Layout
  /** By number. */
  readonly buckets: Map<ConversationId, Map<number, StoredBucket>>
  /** By sender and client message id. */
  readonly ids: Map<ConversationId, Map<string, StoredId>>
  readonly amendments: Map<ConversationId, Amendment[]>
  /** By minute and shard. */
  readonly activity: Map<string, Set<ConversationId>>
  readonly places: Map<string, StoredPlace>
}

export interface StoredBucket {
  head: Head
  /** By seq. */
  readonly entries: Map<number, Entry>
  readonly ids: Map<string, StoredId>
}

interface StoredPlace {
  place: Place | null
  readonly seqs: Map<ConversationId, number>
}

export function emptyTables(layout: Layout): TableData {
  return { layout, buckets: new Map(), ids: new Map(), amendments: new Map(), activity: new Map(), places: new Map() }
}

export function memoryTables(data: TableData): LogTables {
  return {
    layout: data.layout,
    buckets: buckets(data),
    ids: {
      async put(conversationId, ids) {
        const index = orSet(data.ids, conversationId, () => new Map())
        for (const id of ids) index.set(keyOf(id), id)
      },
      find: async (conversationId, keys) => keys.flatMap((key) => data.ids.get(conversationId)?.get(keyOf(key)) ?? []),
    },
    amendments: {
      async put(conversationId, amendments) {
        const rows = orSet(data.amendments, conversationId, () => [])
        for (const { target, seq, messageId } of amendments)
          if (!rows.some((row) => row.target === target && row.seq === seq && row.messageId === messageId))
            rows.push({ target, seq, messageId })
      },
      of: async (conversationId, targets) => (data.amendments.get(conversationId) ?? []).filter(({ target }) => targets.includes(target)),
    },
    activity: {
      async put(minute, shard, conversationId) {
        orSet(data.activity, `${minute} ${shard}`, () => new Set()).add(conversationId)
      },
      async read(minute, shard, after, limit) {
        const rows = [...(data.activity.get(`${minute} ${shard}`) ?? [])].sort()
        return rows.filter((row) => row > after).slice(0, limit)
      },
    },
    places: places(data),
  }
}

function buckets(data: TableData): Buckets {
  const bucketAt = (conversationId: ConversationId, bucket: number) => data.buckets.get(conversationId)?.get(bucket)

  return {
    async read({ conversationId, bucket }, ids) {
      const stored = bucketAt(conversationId, bucket)
      if (!stored) return null
      const found = ids === 'all' ? [...stored.ids.values()] : ids.flatMap((key) => stored.ids.get(keyOf(key)) ?? [])
      return { head: stored.head, ids: found }
    },
    async append({ conversationId, bucket }, expected, { head, entries, ids }) {
      const stored = bucketAt(conversationId, bucket)
      if ((stored?.head.seq ?? null) !== expected) return false
      const into = stored ?? { head, entries: new Map(), ids: new Map() }
      into.head = head
      for (const entry of structuredClone(entries)) into.entries.set(entry.seq, entry)
      for (const id of ids) into.ids.set(keyOf(id), id)
      orSet(data.buckets, conversationId, () => new Map()).set(bucket, into)
      return true
    },
    async open({ conversationId, bucket }, head) {
      orSet(
        orSet(data.buckets, conversationId, () => new Map()),
        bucket,
        () => ({ head, entries: new Map(), ids: new Map() }),
      )
    },
    entries: async (conversationId, seqs) =>
      seqs.toSorted((a, b) => a - b).flatMap((seq) => bucketAt(conversationId, bucketOf(seq, data.layout))?.entries.get(seq) ?? []),
    async blank(entry) {
      const stored = bucketAt(entry.conversationId, bucketOf(entry.seq, data.layout))
      if (stored?.entries.has(entry.seq)) stored.entries.set(entry.seq, entry)
    },
  }
}

function places(data: TableData): Places {
  return {
    load: async (consumer) => data.places.get(consumer)?.place ?? null,
    seqs: async (consumer, conversationIds) => conversationIds.map((id) => data.places.get(consumer)?.seqs.get(id) ?? 0),
    async store(consumer, place, seqs) {
      const stored = orSet(data.places, consumer, (): StoredPlace => ({ place: null, seqs: new Map() }))
      for (const [id, seq] of seqs) stored.seqs.set(id, Math.max(seq, stored.seqs.get(id) ?? 0))
      stored.place = place
    },
  }
}

function orSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key)
  if (present !== undefined) return present
  const made = make()
  map.set(key, made)
  return made
}
