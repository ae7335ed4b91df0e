/** What leaves the server, and what it believes of who asks. */
import { type DownFrame, downFrame } from '@godwit/protocol/down.ts'
import { expect, test, vi } from 'vitest'
import { leakIn, makeWorld } from './testing/access-world.ts'
import { openWs } from './testing/live-client.ts'
import { startMemoryServer } from './testing/memory-server.ts'

vi.setConfig({ testTimeout: 20_000 })

const sorted = (keys: Iterable<string>) => [...new Set(keys)].sort()

test('[T8] every frame has the fields of its schema and no others, and no stored secret is in any', async () => {
  const server = await startMemoryServer()
  const world = await makeWorld(server)
  const { group, who, late } = world
  const [owner, member, latest] = [
    await (await openWs(server.url)).greet(who.owner.token),
    await (await openWs(server.url)).greet(who.member.token),
    await openWs(server.url),
  ]
  member.send({ type: 'watch', conversations: [group], users: [who.owner.userId, who.admin.userId] })
  await member.next('receipts')
  const made = await server.call('POST', '/v1/conversations', { token: who.owner.token, body: { userId: late.userId } })
  const direct = made.json.conversation.conversationId
  latest.send({ type: 'hello', token: late.token }, { type: 'resume', epoch: 'of another database', mark: null })
  await latest.next('reset')

  const from = owner.frames.length
  owner.send(
    { type: 'typing', conversationId: group },
    { type: 'message', to: group, clientMsgId: 'a', text: 'Strandläufer?', mentions: [who.member.userId], replyTo: world.during },
    { type: 'edit', to: group, clientMsgId: 'b', target: world.during, text: 'Knutt' },
    { type: 'delete', to: group, clientMsgId: 'c', target: world.during },
    { type: 'reaction', to: group, clientMsgId: 'd', target: world.ownSeq.admin, emoji: '🪶', on: true },
    { type: 'message', to: direct, clientMsgId: 'e', text: 'Nur für dich' },
    { type: 'nonsense' },
  )
  await owner.next('ack', from, ({ clientMsgId }) => clientMsgId === 'e')
  latest.send({ type: 'ack', conversationId: direct, seq: 2, status: 'read' })
  await Promise.all([owner.next('receipt'), latest.next('read'), member.next('typing')])
  const path = `/v1/conversations/${group}`
  const call = (method: string, rest: string, body?: object) => server.call(method, path + rest, { token: who.owner.token, body })
  await call('POST', '/members', { clientMsgId: 'f', members: [world.stranger.none.userId] })
  await call('PATCH', `/members/${world.stranger.none.userId}`, { clientMsgId: 'g', role: 'admin' })
  await call('DELETE', `/members/${world.stranger.none.userId}?clientMsgId=h`)
  await call('PATCH', '', { clientMsgId: 'i', name: 'Wattläufer' })
  await call('PATCH', '', { clientMsgId: 'j', history: 'all' })
  await call('PATCH', '/flags', { pinned: true })
  await Promise.all([owner, member, latest].map((client) => client.settled()))

  const frames: DownFrame[] = [owner, member, latest].flatMap((client) => [...client.frames])
  for (const frame of frames) expect(downFrame.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined()
  expect(leakIn(world, 'owner', JSON.stringify(frames))).toBeNull()
  const types = downFrame.options.map(({ shape }) => shape.type.value)
  expect(sorted(frames.map(({ type }) => type))).toEqual(sorted(types))

  // Entries are an open union, so their fields are held here.
  const header = ['at', 'clientMsgId', 'conversationId', 'count', 'kind', 'membershipSeq', 'messageId', 'senderId', 'seq']
  const fields: Record<string, string[]> = {}
  for (const { entry } of [...owner.all('entry'), ...member.all('entry')])
    fields[entry.kind] = sorted([...(fields[entry.kind] ?? []), ...Object.keys(entry)])
  expect(fields).toEqual({
    created: sorted([...header, 'conversation', 'name', 'members', 'history']),
    message: sorted([...header, 'text', 'mentions', 'replyTo']),
    edit: sorted([...header, 'target', 'text']),
    delete: sorted([...header, 'target']),
    reaction: sorted([...header, 'target', 'emoji', 'on']),
    added: sorted([...header, 'members']),
    role: sorted([...header, 'userId', 'role']),
    removed: sorted([...header, 'userId']),
    renamed: sorted([...header, 'name']),
    settings: sorted([...header, 'history']),
  })
  for (const client of [owner, member, latest]) client.end()
  await server.drain()
})

const register = (server: Awaited<ReturnType<typeof startMemoryServer>>, name: string, forwarded: string) =>
  server.call('POST', '/v1/users', {
    body: { name, password: 'dreizehn Austernfischer' },
    headers: { 'x-forwarded-for': forwarded, 'x-real-ip': forwarded, forwarded: `for=${forwarded}`, 'cf-connecting-ip': forwarded },
  })

test('[T25] forged proxy headers buy no second budget where no proxy is trusted', async () => {
  const server = await startMemoryServer({ GODWIT_REGISTRATIONS_PER_HOUR: '2' })
  const codes: string[] = []
  for (let n = 1; n <= 4; n++) codes.push((await register(server, `forger${n}`, `203.0.113.${n}`)).json.code ?? 'ok')
  expect(codes).toEqual(['ok', 'ok', 'RATE_LIMITED', 'RATE_LIMITED'])
  await server.drain()
})

test('[T25] behind a trusted proxy the client is who the proxy says, whatever the client wrote before', async () => {
  const server = await startMemoryServer({ GODWIT_REGISTRATIONS_PER_HOUR: '2', GODWIT_TRUSTED_PROXIES: '127.0.0.1' })
  const codes: string[] = []
  for (let n = 1; n <= 3; n++) codes.push((await register(server, `forger${n}`, `203.0.113.${n}, 198.51.100.7`)).json.code ?? 'ok')
  codes.push((await register(server, 'somebody', '203.0.113.1, 198.51.100.8')).json.code ?? 'ok')
  expect(codes).toEqual(['ok', 'ok', 'RATE_LIMITED', 'ok'])
  await server.drain()
})
