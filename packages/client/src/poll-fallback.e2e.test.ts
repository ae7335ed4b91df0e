import type { UserId } from '@godwit/protocol/ids.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient, register } from './client.ts'
import { type NoUpgradeProxy, noUpgradeProxy } from './testing/no-upgrade-proxy-node.ts'
import { RealServer } from './testing/server-node.ts'
import type { Client, ClientEvent } from './types.ts'

const password = 'Schlickwatt um 6:10'

let server: RealServer
let proxy: NoUpgradeProxy
let clients: Client[]

beforeEach(async () => {
  server = new RealServer()
  clients = []
  await server.start()
  proxy = await noUpgradeProxy(server.url)
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await proxy.close()
  await server.end()
})

async function connect(url: string, name: string): Promise<{ client: Client; userId: UserId; events: ClientEvent[] }> {
  const session = await register({ url: server.url, name, password })
  const client = createClient({ url, session, since: 'start' })
  clients.push(client)
  const events: ClientEvent[] = []
  client.on('*', (event) => events.push(event))
  await client.connect()
  return { client, userId: session.userId, events }
}

test('[R2] behind a proxy that refuses upgrades the client falls back by itself: messages, receipts and typing, both ways', async () => {
  const amina = await connect(proxy.url, 'amina')
  const bjorn = await connect(server.url, 'bjorn')
  expect(proxy.refused()).toBeGreaterThan(0)
  expect(amina.client.connection.get()).toMatchObject({ status: 'online', transport: 'poll' })
  expect(bjorn.client.connection.get()).toMatchObject({ status: 'online', transport: 'websocket' })

  const aminas = await amina.client.openDirect(bjorn.userId)
  const { seq } = await aminas.send({ text: 'Springtijd om 6:10, neem je laarzen mee 🥾' }).acked
  const bjorns = bjorn.client.conversation(aminas.id)
  const texts = (events: ClientEvent[]) =>
    events.flatMap((event) => (event.type === 'entry' && event.entry.kind === 'message' ? [event.entry.text] : []))
  await vi.waitFor(() => expect(texts(bjorn.events)).toEqual(['Springtijd om 6:10, neem je laarzen mee 🥾']), 10_000)

  const stop = aminas.watch()
  await vi.waitFor(async () => {
    bjorns.setTyping(true)
    expect(amina.events.some((event) => event.type === 'typing' && event.userIds.includes(bjorn.userId))).toBe(true)
  }, 15_000)
  bjorns.markRead(seq)
  await vi.waitFor(
    () => expect(amina.events.findLast((event) => event.type === 'receipt')).toMatchObject({ delivered: seq, read: seq }),
    10_000,
  )

  const answer = await bjorns.send({ text: 'Die sind schon im Auto.' }).acked
  await vi.waitFor(() => expect(texts(amina.events)).toContain('Die sind schon im Auto.'), 10_000)
  aminas.markRead(answer.seq)
  await vi.waitFor(() => expect(bjorn.events.findLast((event) => event.type === 'receipt')).toMatchObject({ read: answer.seq }), 10_000)
  stop()
}, 60_000)
