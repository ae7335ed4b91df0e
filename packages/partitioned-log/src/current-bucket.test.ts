import { newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import type { Head } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { currentBucket } from './current-bucket.ts'
import { minuteOf } from './layout.ts'
import { emptyTables, memoryTables } from './testing/memory-tables.ts'
import { openCluster, send } from './testing/nodes.ts'
import { type Call, tablesThrough } from './testing/tables-through.ts'

/** A log of buckets of 4 that ends in bucket `last`, which holds `count` entries; and a search from a hint, with its trips. */
async function logOf(last: number, count: number) {
  const data = emptyTables({ bucketEntries: 4, shards: 1, firstMinute: minuteOf(0) })
  const tables = memoryTables(data)
  const conversationId = newConversationId()
  const headAt = (seq: number): Head => ({ seq, count: seq, membershipSeq: 1, at: 1_700_000_000_000 })
  for (let bucket = 0; bucket <= last; bucket++)
    await tables.buckets.open({ conversationId, bucket }, headAt(bucket < last ? 4 * (bucket + 1) : 4 * last + count))
  return async (hint: number) => {
    const calls: Call[] = []
    const far = tablesThrough(tables, (call) => {
      calls.push(call)
      return call.run(call.args)
    })
    let told = hint
    const hints = {
      get: async () => hint,
      put(_: string, bucket: number) {
        told = bucket
      },
    }
    const found = await currentBucket({ tables: far, hints }, conversationId)
    return { bucket: found?.bucket, head: found?.head.seq, trips: calls.length, told }
  }
}

test.each([0, 1, 2, 7, 100])('from any hint the end of a log is found, which is in bucket %i, full or not', async (last) => {
  for (const count of last === 0 ? [1, 4] : [0, 1, 4]) {
    const search = await logOf(last, count)
    for (const hint of [0, 1, 2, 3, 6, 8, 99, 100, 101, 1_000])
      expect(await search(hint)).toMatchObject({ bucket: last, head: 4 * last + count })
  }
})

test('a hint that holds costs one trip, one that is a bucket behind another, and none a few', async () => {
  const search = await logOf(100, 2)
  expect(await search(100)).toMatchObject({ trips: 1, told: 100 })
  expect(await search(99)).toMatchObject({ trips: 2, told: 100 })
  expect((await search(0)).trips).toBeLessThan(16)
  expect((await search(101)).trips).toBeLessThan(16)
  const full = await logOf(100, 4)
  expect(await full(100)).toMatchObject({ bucket: 100, trips: 2 })
})

test('nothing was ever appended: whatever the hint says', async () => {
  const { node } = openCluster(2)
  const { log } = node()
  expect(await log.heads([newConversationId()])).toEqual([null])
  const tables = memoryTables(emptyTables({ bucketEntries: 2, shards: 1, firstMinute: 0 }))
  expect(await currentBucket({ tables, hints: { get: async () => 5, put: () => {} } }, newConversationId())).toBeNull()
})

test('[L7] a node sees at once what others have appended, however old its hint is', async () => {
  const { node } = openCluster(2)
  const id = newConversationId()
  const [old, other] = [node().log, node().log]
  await send(old, id, [say('Wo seid ihr?')])
  for (let n = 0; n < 9; n++) await send(other, id, [say(reply(n))])
  expect((await old.heads([id]))[0]?.seq).toBe(10)
  expect((await old.read(id, { from: 9, to: 99, limit: 9, direction: 'down' })).entries.map(({ seq }) => seq)).toEqual([9, 10])
})
