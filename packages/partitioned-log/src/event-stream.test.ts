import { newConversationId, reply, say } from '@godwit/conformance/talk.ts'
import type { Entry } from '@godwit/protocol/entry.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import { expect, test } from 'vitest'
import { minuteOf } from './layout.ts'
import { holding, openCluster, send } from './testing/nodes.ts'

const lines = (count: number) => Array.from({ length: count }, (_, nth) => say(reply(nth)))
const seqsOf = (entries: readonly Entry[]) => entries.map(({ seq }) => seq)

async function all(stream: EventStream, consumer: string, limit = 100): Promise<readonly Entry[]> {
  const met: Entry[] = []
  for (;;) {
    const { entries, upTo } = await stream.next(consumer, limit, [])
    if (entries.length === 0) return met
    met.push(...entries)
    await stream.confirm(consumer, upTo)
  }
}

test('[L1] an entry comes at once, and what lands late under the row of an earlier minute comes when it is there', async () => {
  const { node, clock } = openCluster(2)
  const id = newConversationId()
  const held = holding('buckets.append')
  const late = node(held.trip).log.append(id, 0, lines(1))
  await held.isHeld
  const { stream } = node()
  expect(await all(stream, 'search')).toEqual([])
  // The rest of its minute, and all of the slack but a moment.
  clock.advance(limits.activityMinuteMs + limits.markSlackMs - 1)
  expect(await all(stream, 'search')).toEqual([])
  held.go()
  await late
  expect(seqsOf(await all(stream, 'search'))).toEqual([1])
  expect(await all(stream, 'search')).toEqual([])
})

test('[L1] a minute is left behind only when nothing can land in it any more', async () => {
  const { node, clock, data } = openCluster(2)
  const id = newConversationId()
  await send(node().log, id, lines(1))
  const first = minuteOf(clock.now())
  const { stream } = node()
  const placeAfter = async (ms: number) => {
    clock.advance(ms)
    await all(stream, 'search')
    return data.places.get('search')?.place?.minute
  }
  expect(await placeAfter(0)).toBe(first)
  expect(await placeAfter(limits.activityMinuteMs + limits.markSlackMs - 1)).toBe(first)
  expect(await placeAfter(1)).toBe(first + 1)
  expect(await placeAfter(60 * limits.activityMinuteMs)).toBe(first + 61)
})

test('[L1] clocks of nodes that differ do not change the order, nor leave anything out', async () => {
  const { node, clock } = openCluster(3)
  const id = newConversationId()
  const [ahead, behind] = [node().log, node().log]
  const said = lines(8)
  for (const [nth, line] of said.entries()) {
    clock.jump(nth % 2 === 0 ? 90_000 : -90_000)
    await send(nth % 2 === 0 ? ahead : behind, id, [line])
  }
  clock.jump(90_000)
  clock.advance(limits.activityMinuteMs + limits.markSlackMs)
  const { stream } = node()
  for (const limit of [1, 3, 100]) expect(seqsOf(await all(stream, `search-${limit}`, limit))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('[L1] what was not announced itself comes with the next of its conversation, in its place', async () => {
  const { node, clock, data } = openCluster(2)
  const id = newConversationId()
  await send(node().log, id, lines(3))
  // As though the appends had landed long after their minute was left behind, and their node were dead.
  data.activity.clear()
  clock.advance(10 * limits.activityMinuteMs)
  const { stream } = node()
  expect(await all(stream, 'search')).toEqual([])
  await send(node().log, id, lines(1))
  expect(seqsOf(await all(stream, 'search'))).toEqual([1, 2, 3, 4])
})

test('[L1] a consumer that runs on several nodes at once leaves nothing out', async () => {
  const { node, clock } = openCluster(2)
  const ids = [newConversationId(), newConversationId(), newConversationId()]
  const met = new Map<string, number[]>()
  const [one, other] = [node().stream, node().stream]
  for (let round = 0; round < 6; round++) {
    for (const id of ids) await send(node().log, id, lines(2))
    clock.advance(limits.activityMinuteMs / 2)
    const batches = await Promise.all([one.next('search', 4, []), other.next('search', 9, [])])
    for (const { entries } of batches)
      for (const { conversationId, seq } of entries) met.set(conversationId, [...(met.get(conversationId) ?? []), seq])
    // The slower confirms last.
    await other.confirm('search', batches[1].upTo)
    await one.confirm('search', batches[0].upTo)
  }
  for (const { conversationId, seq } of await all(one, 'search', 2)) met.set(conversationId, [...(met.get(conversationId) ?? []), seq])
  for (const id of ids) {
    const firsts = (met.get(id) ?? []).filter((seq, nth, seqs) => seqs.indexOf(seq) === nth)
    expect(firsts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  }
})
