import { newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import { expect, test } from 'vitest'
import { diesAt, openCluster, send } from './testing/nodes.ts'

const lines = (count: number) => Array.from({ length: count }, (_, nth) => say(reply(nth)))

/** Every trip of one append behind a full bucket: a crash before it, and after it. */
const crashes = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((nth) => [
  { nth, isDone: false },
  { nth, isDone: true },
])

test.each(crashes)(
  '[L2][L3] a roll that dies at trip $nth (done: $isDone) is gone on with by any node, and no id is lost',
  async ({ nth, isDone }) => {
    const { node } = openCluster(2)
    const id = newConversationId()
    const before = lines(4)
    await send(node().log, id, before)
    const last = say('Springtij om 6:40')
    const trip = diesAt(nth, isDone)
    await node(trip)
      .log.append(id, 4, [last])
      .catch(() => {})

    const other = node().log
    // First a retry of what stands in the full bucket: its ids may be copied by half.
    for (const [index, entry] of before.entries()) expect(await send(other, id, [entry])).toEqual([index + 1])
    expect(await send(other, id, [last])).toEqual([5])
    expect(await send(node().log, id, [...before, last])).toEqual([1, 2, 3, 4, 5])
    const { entries } = await other.read(id, { from: 1, to: 9, limit: 9, direction: 'up' })
    expect(entries.map(({ messageId }) => messageId)).toEqual([...before, last].map(({ messageId }) => messageId))
  },
)

test('[L3] the crashes above reach every step of a roll', async () => {
  const cluster = openCluster(2)
  const id = newConversationId()
  await send(cluster.node().log, id, lines(4))
  const node = cluster.node()
  await node.log.append(id, 4, [say('tides')])
  const names = node.calls.map(({ name }) => name)
  expect(names.length).toBeLessThanOrEqual(8)
  expect(names.filter((name) => name !== 'activity.put')).toEqual([
    'buckets.read',
    'buckets.read',
    'ids.put',
    'buckets.open',
    'ids.find',
    'buckets.append',
  ])
})

test('[L2] only who saw a bucket full opens the next, and only one behind it', async () => {
  const { node, data } = openCluster(2)
  const id = newConversationId()
  await send(node().log, id, lines(1))
  for (const head of [2, 3, 4, 7]) expect(await node().log.append(id, head, lines(1))).toEqual({ verdict: 'head-moved' })
  expect([...(data.buckets.get(id)?.keys() ?? [])]).toEqual([0])
})

test('[L3] a full bucket whose ids are not all there is not rolled: the index would lack them for ever', async () => {
  const { node, data } = openCluster(2)
  const id = newConversationId()
  await send(node().log, id, lines(2))
  const [damaged] = data.buckets.get(id)?.values() ?? []
  damaged?.ids.delete([...damaged.ids.keys()][0] as string)
  await expect(node().log.append(id, 2, lines(1))).rejects.toThrow('is full and has 1 ids')
})

test('[L2] of two nodes that roll at once both are right', async () => {
  const { node, data } = openCluster(3)
  const id = newConversationId()
  await send(node().log, id, lines(3))
  const [one, other] = [node().log, node().log]
  const [a, b] = lines(2) as [ReturnType<typeof say>, ReturnType<typeof say>]
  const seqs = (await Promise.all([send(one, id, [a]), send(other, id, [b])])).flat()
  expect(seqs.toSorted()).toEqual([4, 5])
  expect([...(data.buckets.get(id)?.keys() ?? [])]).toEqual([0, 1])
})
