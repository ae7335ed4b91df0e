import { bucketOf, headBefore } from '@godwit/partitioned-log/layout.ts'
import type { BucketBatch, LogTables } from '@godwit/partitioned-log/tables.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Head, StoredId } from '@godwit/server/ports/message-log.ts'
import { emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { ana, bo, entry, newConversationId, reply, say } from './talk.ts'

/** The contract of `LogTables`, for any store of partitions. */
export function logTablesConformance(name: string, open: Open<LogTables>): void {
  describe(`LogTables: ${name}`, () => {
    const tables = openOnce(open)
    compareAndSet(tables)
    rows(tables)
    activity(tables)
  })
}

/** What an append of `count` messages behind `head` writes. */
function batchOf(conversationId: ConversationId, head: Head, count: number): BucketBatch {
  const entries = Array.from({ length: count }, (_, nth) => say(reply(head.seq + nth), { senderId: nth % 2 === 0 ? ana : bo }))
  const { placed, head: next } = placeEntries(conversationId, head, entries)
  const ids = placed.map(({ senderId, clientMsgId, seq, messageId, at }) => ({ senderId, clientMsgId, seq, messageId, at, bodyHash: 'ab' }))
  return { head: next, entries: placed, ids }
}

const bySeq = (ids: readonly StoredId[]) => ids.toSorted((a, b) => a.seq - b.seq)

function compareAndSet(tables: () => LogTables): void {
  /** A bucket that has just one entry, so that another fits into it. */
  async function begun() {
    const conversationId = newConversationId()
    const first = batchOf(conversationId, emptyHead, 1)
    expect(await tables().buckets.append({ conversationId, bucket: 0 }, null, first)).toBe(true)
    return { conversationId, at: { conversationId, bucket: 0 }, first }
  }

  test('[L2] the first bucket begins with the first append, and with one only', async () => {
    const at = { conversationId: newConversationId(), bucket: 0 }
    expect(await tables().buckets.read(at, 'all')).toBeNull()
    expect(await tables().buckets.append(at, 1, batchOf(at.conversationId, emptyHead, 1))).toBe(false)
    expect(await tables().buckets.read(at, 'all')).toBeNull()
    const batches = [batchOf(at.conversationId, emptyHead, 1), batchOf(at.conversationId, emptyHead, 1)]
    const applied = await Promise.all(batches.map((batch) => tables().buckets.append(at, null, batch)))
    expect(applied.toSorted()).toEqual([false, true])
    const winner = batches[applied.indexOf(true)]
    expect(await tables().buckets.read(at, 'all')).toEqual({ head: winner?.head, ids: winner?.ids })
    expect(await tables().buckets.entries(at.conversationId, [1])).toEqual(winner?.entries)
  })

  test('[L2] head, entries and client ids are written together, iff the head is the expected one', async () => {
    const { conversationId, at, first } = await begun()
    const next = batchOf(conversationId, first.head, 1)
    for (const wrong of [0, 2, null]) expect(await tables().buckets.append(at, wrong, next)).toBe(false)
    expect(await tables().buckets.read(at, 'all')).toEqual({ head: first.head, ids: first.ids })
    expect(await tables().buckets.entries(conversationId, [2])).toEqual([])
    expect(await tables().buckets.append(at, 1, next)).toBe(true)
    const read = await tables().buckets.read(at, 'all')
    expect(read?.head).toEqual(next.head)
    expect(bySeq(read?.ids ?? [])).toEqual([...first.ids, ...next.ids])
    expect(await tables().buckets.entries(conversationId, [1, 2])).toEqual([...first.entries, ...next.entries])
  })

  test('[L2] of many appends at one head one is applied', async () => {
    const { conversationId, at, first } = await begun()
    const batches = Array.from({ length: 8 }, () => batchOf(conversationId, first.head, 1))
    const applied = await Promise.all(batches.map((batch) => tables().buckets.append(at, 1, batch)))
    expect(applied.filter(Boolean)).toHaveLength(1)
    expect(await tables().buckets.entries(conversationId, [2])).toEqual(batches[applied.indexOf(true)]?.entries)
  })

  test('[L3] a bucket tells the ids that are asked for, with its head, and no others', async () => {
    const { at, first } = await begun()
    const [mine] = first.ids as [StoredId]
    expect(await tables().buckets.read(at, [mine])).toEqual({ head: first.head, ids: [mine] })
    expect(await tables().buckets.read(at, [{ ...mine, senderId: 'u_nobody' }, mine])).toEqual({ head: first.head, ids: [mine] })
    expect(await tables().buckets.read(at, [])).toEqual({ head: first.head, ids: [] })
  })

  test('[L2] a bucket is opened once: opening it again takes nothing away', async () => {
    const { layout, buckets } = tables()
    const conversationId = newConversationId()
    const at = { conversationId, bucket: 3 }
    const before: Head = { seq: headBefore(3, layout), count: 5, membershipSeq: 1, at: 1_700_000_000_000 }
    expect(await buckets.append(at, before.seq, batchOf(conversationId, before, 1))).toBe(false)
    await buckets.open(at, before)
    expect(await buckets.read(at, 'all')).toEqual({ head: before, ids: [] })
    const first = batchOf(conversationId, before, 1)
    expect(bucketOf(first.head.seq, layout)).toBe(3)
    expect(await buckets.append(at, before.seq, first)).toBe(true)
    await Promise.all([buckets.open(at, before), buckets.open(at, before)])
    expect(await buckets.read(at, 'all')).toEqual({ head: first.head, ids: first.ids })
    expect(await buckets.entries(conversationId, [first.head.seq])).toEqual(first.entries)
  })

  test('entries come from as many buckets as they stand in, rising, those that are there', async () => {
    const { layout, buckets } = tables()
    const conversationId = newConversationId()
    let head = emptyHead
    const all: Entry[] = []
    for (let bucket = 0; bucket < 3; bucket++) {
      if (bucket > 0) await buckets.open({ conversationId, bucket }, head)
      const batch = batchOf(conversationId, head, Math.min(layout.bucketEntries, limits.appendEntriesMax))
      // A bucket of the test is full, whatever the layout: the head jumps.
      const full = { ...batch, head: { ...batch.head, seq: headBefore(bucket + 1, layout) } }
      expect(await buckets.append({ conversationId, bucket }, bucket === 0 ? null : head.seq, full)).toBe(true)
      head = full.head
      all.push(...batch.entries)
    }
    const seqs = all.map(({ seq }) => seq)
    expect(await buckets.entries(conversationId, seqs)).toEqual(all)
    expect(await buckets.entries(conversationId, [...seqs.toReversed(), head.seq + 1])).toEqual(all)
    expect(await buckets.entries(conversationId, [seqs.at(-1) as number, 1])).toEqual([all[0], all.at(-1)])
    expect(await buckets.entries(newConversationId(), seqs)).toEqual([])
  })

  test('[L2] a row is blanked in its place, and none is made by it', async () => {
    const { conversationId, at, first } = await begun()
    const [message] = first.entries as [Entry]
    await tables().buckets.blank({ ...message, ...{ kind: 'message', text: '' } })
    expect(await tables().buckets.entries(conversationId, [1])).toEqual([{ ...message, text: '' }])
    await tables().buckets.blank({ ...message, seq: 2 })
    expect(await tables().buckets.entries(conversationId, [2])).toEqual([])
    expect(await tables().buckets.read(at, 'all')).toEqual({ head: first.head, ids: first.ids })
  })

  test('what an entry holds survives whole', async () => {
    const conversationId = newConversationId()
    const poll = entry({ kind: 'poll', options: ['north', 'süd'], target: { nested: [1, null, true] } } as object as Entry)
    const { placed, head } = placeEntries(conversationId, emptyHead, [poll])
    await tables().buckets.append({ conversationId, bucket: 0 }, null, { head, entries: placed, ids: [] })
    expect(await tables().buckets.entries(conversationId, [1])).toEqual(placed)
  })
}

function rows(tables: () => LogTables): void {
  test('[L3] the index of ids keeps what was put there, once', async () => {
    const conversationId = newConversationId()
    const { ids } = batchOf(conversationId, emptyHead, 5)
    await tables().ids.put(conversationId, ids.slice(0, 3))
    await tables().ids.put(conversationId, ids)
    const asked = [...ids, { senderId: ana, clientMsgId: 'never-sent' }]
    expect(bySeq(await tables().ids.find(conversationId, asked))).toEqual(ids)
    expect(await tables().ids.find(newConversationId(), ids)).toEqual([])
    expect(await tables().ids.find(conversationId, ids.slice(1, 2))).toEqual(ids.slice(1, 2))
  })

  test('amendments are told by target, those of other entries at the same seq too', async () => {
    const conversationId = newConversationId()
    const [one, orphan, far] = [
      { target: 1, seq: 4, messageId: '71' },
      { target: 1, seq: 4, messageId: '72' },
      { target: 1_000, seq: 1_004, messageId: '73' },
    ] as const
    const { amendments } = tables()
    await amendments.put(conversationId, [one, far])
    await amendments.put(conversationId, [orphan])
    await amendments.put(conversationId, [one])
    const byId = (found: readonly { readonly messageId: string }[]) => found.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1))
    expect(byId(await amendments.of(conversationId, [1]))).toEqual([one, orphan])
    expect(byId(await amendments.of(conversationId, [1, 2, 1_000]))).toEqual([one, orphan, far])
    expect(await amendments.of(conversationId, [2])).toEqual([])
    expect(await amendments.of(newConversationId(), [1])).toEqual([])
  })
}

function activity(tables: () => LogTables): void {
  test('[L1] a shard of a minute tells its conversations, rising, page by page', async () => {
    const { activity } = tables()
    const ids = Array.from({ length: 7 }, newConversationId)
    for (const id of [...ids, ...ids.slice(0, 3)]) await activity.put(28_000_000, 1, id)
    await activity.put(28_000_001, 1, newConversationId())
    const rising = ids.toSorted()
    expect(await activity.read(28_000_000, 1, '', 100)).toEqual(rising)
    expect(await activity.read(28_000_000, 1, '', 3)).toEqual(rising.slice(0, 3))
    expect(await activity.read(28_000_000, 1, rising[2] as ConversationId, 3)).toEqual(rising.slice(3, 6))
    expect(await activity.read(28_000_000, 1, rising[6] as ConversationId, 3)).toEqual([])
    expect(await activity.read(28_000_000, 0, '', 100)).toEqual([])
  })

  test('[L1] a consumer has a place, and one in each conversation, which never goes back', async () => {
    const { places } = tables()
    const [one, other] = [newConversationId(), newConversationId()]
    const consumer = `search-${one}`
    expect(await places.load(consumer)).toBeNull()
    expect(await places.seqs(consumer, [one, other])).toEqual([0, 0])
    const place = { minute: 28_000_000, shard: 1, after: one } as const
    await places.store(consumer, place, [[one, 7]])
    expect(await places.load(consumer)).toEqual(place)
    expect(await places.seqs(consumer, [other, one])).toEqual([0, 7])
    const next = { minute: 28_000_001, shard: 0, after: '' } as const
    await places.store(consumer, next, [
      [one, 5],
      [other, 2],
    ])
    expect(await places.load(consumer)).toEqual(next)
    expect(await places.seqs(consumer, [one, other])).toEqual([7, 2])
    expect(await places.load(`push-${one}`)).toBeNull()
  })
}
