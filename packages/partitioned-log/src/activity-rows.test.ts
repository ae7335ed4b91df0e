import { newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { minuteOf } from './layout.ts'
import { type Cluster, diesAt, holding, openCluster, send } from './testing/nodes.ts'

const lines = (count: number) => Array.from({ length: count }, (_, nth) => say(reply(nth)))

/** When the minute of now is behind the stream: those of `id` that come. */
async function announced({ clock, node }: Cluster, id: ConversationId, consumer = 'search'): Promise<readonly number[]> {
  clock.advance(limits.activityMinuteMs + limits.markSlackMs)
  const { stream } = node()
  const seqs: number[] = []
  for (;;) {
    const { entries, upTo } = await stream.next(consumer, 100, [])
    if (entries.length === 0) return seqs
    seqs.push(...entries.flatMap((entry) => (entry.conversationId === id ? [entry.seq] : [])))
    await stream.confirm(consumer, upTo)
  }
}

test.each([1, 2, 3, 4])(
  '[L4] what was appended is announced, also by a node that dies in trip %i, before it has told anybody',
  async (nth) => {
    const cluster = openCluster(2)
    const id = newConversationId()
    await cluster
      .node(diesAt(nth, true))
      .log.append(id, 0, lines(1))
      .catch(() => {})
    const stored = (await cluster.node().log.heads([id]))[0]?.seq ?? 0
    expect(await announced(cluster, id)).toEqual(stored > 0 ? [1] : [])
    if (nth === 3) expect(stored, 'the trip of the append').toBe(1)
  },
)

test.each(['ids.find', 'activity.put'])(
  '[L4] an append is sent only while the minute of its row is current: %s takes too long',
  async (slowTrip) => {
    const cluster = openCluster(2)
    const id = newConversationId()
    await send(cluster.node().log, id, lines(2))
    const first = minuteOf(cluster.clock.now())
    cluster.clock.jump(limits.activityMinuteMs - 5_000)
    const held = holding(slowTrip)
    const node = cluster.node(held.trip)
    const appending = node.log.append(id, 2, lines(1))
    await held.isHeld
    cluster.clock.advance(8_000)
    held.go()
    expect(await appending).toMatchObject({ verdict: 'appended' })
    const rows = node.calls.filter(({ name }) => name === 'activity.put').map(({ args: [minute] }) => minute)
    expect(rows).toEqual([first, first + 1])
    const names = node.calls.map(({ name }) => name)
    expect(names.lastIndexOf('activity.put')).toBeLessThan(names.indexOf('buckets.append'))
  },
)

test('[L4] an append that has waited until its caller gave up is not sent', async () => {
  const cluster = openCluster(2)
  const id = newConversationId()
  const held = holding('buckets.read')
  const appending = cluster.node(held.trip).log.append(id, 0, lines(1))
  await held.isHeld
  cluster.clock.advance(limits.appendTimeoutMs + 1)
  held.go()
  await expect(appending).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' })
  expect(await cluster.node().log.heads([id])).toEqual([null])
})

test.each(['append', 'find'] as const)(
  '[L4] a known id is told by %s only when a row of the minute is there: its own may have been swept',
  async (verb) => {
    const cluster = openCluster(2)
    const id = newConversationId()
    const line = say('Lepelaars op het wad!')
    const held = holding('buckets.append')
    const late = cluster.node(held.trip).log.append(id, 0, [line])
    await held.isHeld
    expect(await announced(cluster, id), 'its minute is swept, and nothing is there').toEqual([])
    held.go()
    await late
    // The late verdict has a row of its own; without it the entry would wait for its retry.
    cluster.data.activity.clear()
    const { log } = cluster.node()
    const { senderId, clientMsgId } = line
    if (verb === 'append') expect(await log.append(id, 1, [line])).toMatchObject({ verdict: 'known' })
    else expect(await log.find(id, [{ senderId, clientMsgId }])).toMatchObject([{ seq: 1 }])
    expect(await announced(cluster, id)).toEqual([1])
  },
)

test('[L4] a verdict that comes when its minute may be swept is told with a row of now', async () => {
  const cluster = openCluster(2)
  const id = newConversationId()
  const held = holding('buckets.append')
  const late = cluster.node(held.trip).log.append(id, 0, lines(1))
  await held.isHeld
  expect(await announced(cluster, id)).toEqual([])
  held.go()
  expect(await late).toMatchObject({ verdict: 'appended' })
  expect(await announced(cluster, id)).toEqual([1])
})

test('a conversation has one row a minute from one node', async () => {
  const cluster = openCluster(64)
  const id = newConversationId()
  const node = cluster.node()
  for (const line of lines(20)) await send(node.log, id, [line])
  expect(node.calls.filter(({ name }) => name === 'activity.put')).toHaveLength(1)
  cluster.clock.advance(limits.activityMinuteMs)
  for (const line of lines(3)) await send(node.log, id, [line])
  expect(node.calls.filter(({ name }) => name === 'activity.put')).toHaveLength(2)
})
