/** A client that stops reading while its groups are busy (L9): it is closed, costs the server little, and catches up afterwards. */
import { limits } from '@godwit/protocol/limits.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type LiveClient, openWs } from './testing/live-client.ts'
import { type Call, startMemoryServer } from './testing/memory-server.ts'
import { startServerProcess } from './testing/server-process.ts'

interface Account {
  readonly userId: string
  readonly accessToken: string
}

const register = async (call: Call, name: string): Promise<Account> =>
  (await call('POST', '/v1/users', { body: { name, password: 'die Flut kommt um vier' } })).json

async function createGroup(call: Call, owner: Account, members: readonly Account[], name = 'Flutmarke'): Promise<string> {
  const body = { clientMsgId: `group-${name}`, name, members: members.map(({ userId }) => userId) }
  return (await call('POST', '/v1/groups', { token: owner.accessToken, body })).json.conversation.conversationId
}

/** Sends `count` texts of `bytes`, as many at a time as a frame holds, and waits for their acks. */
async function sendMany(client: LiveClient, to: string, { from, count, bytes }: { from: number; count: number; bytes: number }) {
  const text = `Flut 🌊 ${'~'.repeat(bytes - 10)}`
  const atOnce = Math.min(limits.batchFramesMax, Math.floor((limits.frameBytesMax - 1_000) / (bytes + 150)))
  for (let n = from; n < from + count; n += atOnce) {
    const frames = Array.from({ length: Math.min(atOnce, from + count - n) }, (_, i) => n + i)
    client.send({ type: 'batch', frames: frames.map((i) => ({ type: 'message', to, clientMsgId: `flood-${i}`, text })) })
  }
  await client.next('ack', 0, ({ clientMsgId }) => clientMsgId === `flood-${from + count - 1}`)
}

test('[L9] is closed with 4001 when its outbox is full, others go on, and after a reconnect it has missed nothing', async () => {
  const { url, call, drain } = await startMemoryServer()
  onTestFinished(drain)
  const [owner, slow, quick] = [await register(call, 'owner'), await register(call, 'slow'), await register(call, 'quick')]
  const group = await createGroup(call, owner, [slow, quick])
  const sender = await (await openWs(url)).greet(owner.accessToken)
  const reader = await (await openWs(url)).greet(quick.accessToken)
  const stuck = await (await openWs(url)).greet(slow.accessToken)
  stuck.socket.pause()

  // The server's end of the socket is in this process too: this tells when it gives up.
  const closing = vi.spyOn(WebSocket.prototype, 'close')
  let sent = 0
  while (!closing.mock.calls.some(([code]) => code === 4001) && sent < 3_000) {
    await sendMany(sender, group, { from: sent, count: 70, bytes: 12_000 })
    sent += 70
    // Not too fast for the budget of one connection.
    await sender.settled()
    if (sent >= limits.rateConnectionBurst - 140) await new Promise((resolve) => setTimeout(resolve, 400))
  }
  closing.mockRestore()
  stuck.socket.resume()
  expect((await stuck.closed).code).toBe(4001)
  expect(sender.errors).toEqual([])

  // Seq 1 is the beginning of the group.
  const last = sent + 1
  await reader.next('entry', 0, ({ entry }) => entry.seq === last)
  expect(reader.all('entry').map(({ entry }) => entry.seq)).toEqual(Array.from({ length: sent }, (_, n) => n + 2))

  const seen = stuck.all('entry').map(({ entry }) => entry.seq)
  expect(seen.length).toBeLessThan(sent)
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, n) => n + 2))
  const back = await (await openWs(url)).greet(slow.accessToken)
  expect(back.all('resumed')[0]?.conversations).toMatchObject([
    { conversationId: group, head: last, unread: Math.min(sent, limits.unreadMax + 1) },
  ])
  while ((seen.at(-1) ?? 1) < last) {
    const page = await call('GET', `/v1/conversations/${group}/messages?after=${seen.at(-1) ?? 1}&limit=200`, { token: slow.accessToken })
    seen.push(...page.json.entries.map(({ seq }: { seq: number }) => seq))
  }
  expect(seen).toEqual(Array.from({ length: sent }, (_, n) => n + 2))
  for (const client of [sender, reader, back]) client.end()
})

test('[L9] over a long poll is closed with 4001 too', async () => {
  const { url, call, drain } = await startMemoryServer()
  onTestFinished(drain)
  const [owner, slow] = [await register(call, 'owner'), await register(call, 'slow')]
  const group = await createGroup(call, owner, [slow])
  const path = `/v1/poll/${(await call('POST', '/v1/poll', { body: {} })).json.pollId}`
  const hello = [
    { type: 'hello', token: slow.accessToken },
    { type: 'resume', epoch: null, mark: null },
  ]
  await call('POST', path, { body: { n: 1, frames: hello.map((frame) => JSON.stringify(frame)) } })
  let ack = 0
  for (let types: string[] = []; !types.includes('resumed'); ) {
    const { json } = await call('GET', `${path}?ack=${ack}`)
    types = json.frames.map(({ frame }: { frame: { type: string } }) => frame.type)
    ack += types.length
  }
  // Nobody asks for a while; then the client does, and gets what fits, and the end.
  const sender = await (await openWs(url)).greet(owner.accessToken)
  const count = Math.ceil(limits.outboxBytesMax / 16_000) + 20
  await sendMany(sender, group, { from: 0, count, bytes: 16_000 })
  let closed: { code: number } | null = null
  let got = 0
  while (!closed) {
    const { json } = await call('GET', `${path}?ack=${ack}`)
    got += json.frames.length
    ack = json.frames.at(-1)?.n ?? ack
    closed = json.closed
  }
  expect(closed.code).toBe(4001)
  expect(got).toBeLessThan(count)
  sender.end()
})

/** 33 MB to each member, in frames so small that each session has its own copy; answers by how much the server's memory grew. */
async function growth(slowReaders: number): Promise<number> {
  const server = await startServerProcess()
  onTestFinished(async () => void (await server.stop()))
  const { url, call } = server
  const people: Account[] = []
  for (let n = 0; n < 18; n++) people.push(await register(call, `p${n}`))
  const [owner, ...others] = people as [Account, ...Account[]]
  const groups: string[] = []
  for (const name of ['Ebbe', 'Flut', 'Priel', 'Watt']) groups.push(await createGroup(call, owner, others, name))
  const connect = (accounts: readonly Account[]) =>
    Promise.all(accounts.map(async ({ accessToken }) => (await openWs(url)).greet(accessToken)))
  const senders = people.slice(0, 8)
  // Who has muted a group is told of its heads only, so those who send have little to read.
  for (const { accessToken } of senders)
    for (const group of groups) await call('PATCH', `/v1/conversations/${group}/flags`, { token: accessToken, body: { muted: true } })
  const stuck = await connect(people.slice(8, 8 + slowReaders))
  for (const { socket } of stuck) socket.pause()

  const clients = await connect([...senders, ...senders])
  const before = server.rssBytes()
  await Promise.all(clients.map((client, n) => sendMany(client, groups[n % 4] as string, { from: n * 560, count: 560, bytes: 3_700 })))
  const grown = server.rssBytes() - before
  expect(clients.flatMap(({ errors }) => errors)).toEqual([])
  for (const { socket } of stuck) socket.resume()
  const codes = await Promise.all(stuck.map(async ({ closed }) => (await closed).code))
  // 1006 where the end of the queue came later than the server waits for a close to be answered.
  expect(codes.filter((code) => code !== 4001 && code !== 1006)).toEqual([])
  expect(await server.stop()).toBe(0)
  return grown
}

test('[L9] ten of them at once cost the server no more than their outboxes', async () => {
  const [without, withTen] = [await growth(0), await growth(10)]
  // Unbounded it would be 280 MB; two runs of the same load differ by some tens.
  expect(withTen - without).toBeLessThan(10 * limits.outboxBytesMax + 96 * 1024 * 1024)
})
