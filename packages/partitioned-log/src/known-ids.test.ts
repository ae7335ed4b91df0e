import { newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import type { AppendVerdict, NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { holdingTrip, openCluster, send } from './testing/nodes.ts'

const lines = (count: number) => Array.from({ length: count }, (_, nth) => say(reply(nth)))

test.each([1, 2, 3, 4, 5])(
  '[L3] an id that moves into the index while it is looked for is found, though the roll overtakes trip %i',
  async (nth) => {
    for (const verb of ['find', 'append'] as const) {
      const { node } = openCluster(2)
      const id = newConversationId()
      const said = lines(3) as [NewEntry, NewEntry, NewEntry]
      await send(node().log, id, said)
      const held = holdingTrip(nth)
      const slow = node(held.trip).log
      const retry = { ...said[2], messageId: '7000000000000000009' }
      const looked = verb === 'find' ? slow.find(id, [retry]) : slow.append(id, 3, [retry])
      await Promise.race([looked, held.isHeld])
      await send(node().log, id, lines(4))
      held.go()
      if (verb === 'find') expect(await looked).toMatchObject([{ seq: 3 }])
      else expect(['known', 'head-moved']).toContain(((await looked) as AppendVerdict).verdict)
    }
  },
)

test('[L3] a node that knows the ids of an old head reads them again at a new one', async () => {
  const { node } = openCluster(64)
  const id = newConversationId()
  const [first, second, third] = lines(3) as [ReturnType<typeof say>, ReturnType<typeof say>, ReturnType<typeof say>]
  const [one, other] = [node().log, node().log]
  await send(one, id, [first])
  await send(other, id, [second])
  // `one` has heard of head 2, and knows the ids of head 1.
  expect(await one.append(id, 2, [{ ...second, messageId: '7000000000000000001' }])).toMatchObject({
    verdict: 'known',
    known: [{ seq: 2 }],
  })
  expect(await send(one, id, [third])).toEqual([3])
})

test('[L3] all ids of the current bucket are known, however many it holds and whoever wrote them', async () => {
  const { node } = openCluster(64)
  const id = newConversationId()
  const said = lines(40)
  const [one, other] = [node().log, node().log]
  for (const [nth, line] of said.entries()) await send(nth % 3 === 0 ? other : one, id, [line])
  for (const log of [one, other, node().log])
    for (const [nth, line] of said.entries())
      expect(await send(log, id, [{ ...line, messageId: '7000000000000000002' }])).toEqual([nth + 1])
})

test('[L3] ids of any age are known, also after many rolls', async () => {
  const { node, clock } = openCluster(2)
  const id = newConversationId()
  const said = lines(33)
  for (const line of said) {
    await send(node().log, id, [line])
    clock.advance(3_600_000)
  }
  for (const [nth, line] of said.entries()) expect(await send(node().log, id, [line])).toEqual([nth + 1])
  expect((await node().log.heads([id]))[0]?.seq).toBe(33)
})

test('an append to a conversation that was just appended to is one trip, and one more behind the first bucket', async () => {
  const cluster = openCluster(4)
  const id = newConversationId()
  const node = cluster.node()
  const tripsOf = async (head: number) => {
    const before = node.calls.length
    await node.log.append(id, head, lines(1))
    return node.calls.slice(before).map(({ name }) => name)
  }
  expect(await tripsOf(0)).toEqual(['buckets.read', 'activity.put', 'buckets.append'])
  expect(await tripsOf(1)).toEqual(['buckets.append'])
  expect(await tripsOf(2)).toEqual(['buckets.append'])
  await tripsOf(3)
  await tripsOf(4)
  expect(await tripsOf(5)).toEqual(['ids.find', 'buckets.append'])
})
