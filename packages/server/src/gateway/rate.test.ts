import { closeCodes } from '@godwit/protocol/close-codes.ts'
import { costs, limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { runGateway } from './testing/running-gateway.ts'

test('[T15] over the rate a frame is refused with the time to wait, and taken after that time', async () => {
  const { person, client, settle, clock } = await runGateway()
  const bens = await client(await person('ben'))
  const pings = Math.floor((limits.rateConnectionBurst - costs.resume) / costs.ping)
  for (let i = 0; i < pings; i++) {
    bens.send({ type: 'ping' })
    if (i % 500 === 0) await settle()
  }
  expect(bens.errors).toEqual([])
  bens.send({ type: 'ping' })
  await settle()
  const [refusal] = bens.all('error')
  expect(refusal).toMatchObject({ code: 'RATE_LIMITED', detail: 'rateConnectionPerS', retryAfterMs: expect.any(Number) })
  clock.jump(refusal?.retryAfterMs ?? 0)
  const pongs = bens.all('pong').length
  bens.send({ type: 'ping' })
  await settle()
  expect(bens.all('pong')).toHaveLength(pongs + 1)
})

test('[T15] typing over the rate is dropped without a word; a flood of it is closed all the same', async () => {
  const { person, client, settle, group } = await runGateway()
  const ben = await person('ben')
  const conversationId = await group(ben, 'Notizen', [])
  const bens = await client(ben)
  const free = limits.rateConnectionBurst / costs.typing
  for (let i = 0; i < free; i++) bens.send({ type: 'typing', conversationId })
  await settle()
  expect([bens.errors, bens.socket.closedWith]).toEqual([[], null])
  for (let i = 0; i <= limits.rateRefusalsPerMinuteMax; i++) bens.send({ type: 'typing', conversationId })
  expect(bens.socket.closedWith?.code).toBe(closeCodes.FLOODING.code)
})

test('[T15] sessions of one user share a budget, and do not touch that of others', async () => {
  const { person, client, settle } = await runGateway()
  const [ana, ben] = [await person('ana'), await person('ben')]
  const bens = [await client(ben), await client(ben), await client(ben), await client(ben)]
  for (const each of bens) for (let i = 0; i < 2_000; i++) each.send({ type: 'ping' })
  await settle()
  expect(bens.at(-1)?.errors[0]).toBe('RATE_LIMITED')
  const anas = await client(ana)
  anas.send({ type: 'ping' })
  await settle()
  expect(anas.all('pong')).toHaveLength(1)
})

test('[T15] a batch costs what its commands cost', async () => {
  const { person, client, settle } = await runGateway(() => ({ send: () => new Promise(() => {}) }))
  const bens = await client(await person('ben'))
  const frames = Array.from({ length: limits.batchFramesMax }, (_, i) => ({
    type: 'message' as const,
    to: 'c_00x' as const,
    clientMsgId: `m-${i}`,
    text: 'één van velen',
  }))
  const batches = Math.ceil((limits.rateConnectionBurst - costs.resume + 1) / limits.batchFramesMax)
  for (let i = 0; i < batches; i++) bens.send({ type: 'batch', frames })
  await settle()
  expect(bens.all('error').map(({ code, clientMsgId }) => [code, clientMsgId])).toEqual(
    frames.map(({ clientMsgId }) => ['RATE_LIMITED', clientMsgId]),
  )
})

test('[T15] a conversation has a budget of its own: at rateConversationBurst everybody who writes to it waits, and no other does', async () => {
  const { person, client, settle } = await runGateway(() => ({ send: () => new Promise(() => {}) }))
  const batchTo = (to: `c_${string}`) => ({
    type: 'batch' as const,
    frames: Array.from({ length: limits.batchFramesMax }, (_, i) => ({
      type: 'message' as const,
      to,
      clientMsgId: `m-${i}`,
      text: 'tous à la fois',
    })),
  })
  const perUser = Math.floor((limits.rateConnectionBurst - costs.resume) / limits.batchFramesMax)
  const users = Math.ceil(limits.rateConversationBurst / (perUser * limits.batchFramesMax)) + 1
  const clients: Awaited<ReturnType<typeof client>>[] = []
  for (let n = 0; n < users; n++) clients.push(await client(await person(`u${n}`)))
  for (const each of clients) for (let i = 0; i < perUser; i++) each.send(batchTo('c_00square'))
  await settle()
  expect(clients[0]?.errors).toEqual([])
  expect(clients.at(-1)?.all('error')[0]).toMatchObject({ code: 'RATE_LIMITED', detail: 'rateConversationPerS' })
  const elsewhere = await client(await person('elsewhere'))
  elsewhere.send(batchTo('c_00quiet'))
  await settle()
  expect(elsewhere.errors).toEqual([])
})
