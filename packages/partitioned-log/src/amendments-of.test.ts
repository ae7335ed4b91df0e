import { entry, newConversationId, say } from '@godwit/conformance/talk.ts'
import type { NewEntry } from '@godwit/server/ports/message-log.ts'
import { expect, test } from 'vitest'
import { diesAfter, holding, openCluster, send } from './testing/nodes.ts'

const edit = (text: string) => entry({ kind: 'edit', target: 1, text })
const first = { from: 1, to: 1, limit: 1, direction: 'up' } as const

test('[L2] an amendment whose append did not apply amends nothing, whatever stands at its seq', async () => {
  const { node, data } = openCluster(4)
  const id = newConversationId()
  const { log } = node()
  await send(log, id, [say('120 rotganzen')])
  const others: NewEntry[] = [say('en 14 wulpen'), edit('1.200 rotganzen'), entry({ kind: 'delete', target: 1 }), say('dank!')]
  for (const [nth, other] of others.entries()) {
    const dying = node(diesAfter('amendments.put')).log.append(id, nth + 1, [edit('nobody was told of this')])
    await expect(dying).rejects.toThrow('the node is dead')
    expect((await log.read(id, first)).amendments.map(({ kind }) => kind)).toEqual(['edit', 'delete'].slice(0, Math.max(nth - 1, 0)))
    await send(log, id, [other])
  }
  expect(data.amendments.get(id)).toHaveLength(6)
  const { amendments } = await log.read(id, first)
  expect(amendments.map(({ seq, kind }) => [seq, kind])).toEqual([
    [3, 'edit'],
    [4, 'delete'],
  ])
  expect(amendments[0]).toMatchObject({ text: '1.200 rotganzen' })
  expect(await log.unread([{ conversationId: id, userId: 'u_bo', after: 0, upTo: 9 }])).toEqual([{ unread: 2, mentions: 0 }])
})

test('[L2] an amendment that lands when others have given it up amends from then on, wherever its node is', async () => {
  const { node } = openCluster(2)
  const id = newConversationId()
  const { log } = node()
  await send(log, id, [say('om 18:00 bij de dijk')])
  const held = holding('buckets.append')
  const late = node(held.trip).log.append(id, 1, [edit('om 19:00 bij de dijk')])
  await held.isHeld
  expect((await log.read(id, first)).amendments).toEqual([])
  held.go()
  await late
  expect((await log.read(id, first)).amendments).toMatchObject([{ seq: 2, text: 'om 19:00 bij de dijk' }])
})

test('[L2] a blanked message keeps no text in edits of any bucket', async () => {
  const { node, data } = openCluster(2)
  const id = newConversationId()
  const { log } = node()
  await send(log, id, [say('PIN 4711')])
  for (let n = 0; n < 5; n++) await send(log, id, [edit(`PIN 081${n}`), say('danke')])
  await send(log, id, [entry({ kind: 'delete', target: 1 })])
  await log.blank(id, 1)
  expect(JSON.stringify([...(data.buckets.get(id)?.values() ?? [])].map(({ entries }) => [...entries.values()]))).not.toContain('PIN')
})
