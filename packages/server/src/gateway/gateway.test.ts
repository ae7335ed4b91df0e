import { expect, test } from 'vitest'
import { runGateway } from './testing/running-gateway.ts'

test('[L4] a message is acked to its sender and pushed to the other and to the own second device, not to the sending session', async () => {
  const { person, client, direct, settle } = await runGateway()
  const [ana, ben] = [await person('ana'), await person('ben')]
  const conversationId = await direct(ana, ben)
  const [laptop, phone, bens] = [await client(ana), await client({ ...ana, deviceId: 'd_phone' }), await client(ben)]

  laptop.send({ type: 'message', to: conversationId, clientMsgId: 'm-1', text: 'Fähre um 9? ⛴️ 码头见' })
  await settle()

  expect(laptop.all('ack')).toMatchObject([{ status: 'sent', conversationId, clientMsgId: 'm-1', seq: 2, duplicate: false }])
  expect(laptop.all('entry')).toEqual([])
  for (const other of [phone, bens])
    expect(other.all('entry').map(({ entry }) => entry)).toMatchObject([{ seq: 2, kind: 'message', text: 'Fähre um 9? ⛴️ 码头见' }])
})
