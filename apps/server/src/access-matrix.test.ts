/**
 * Who may do what (T7): every frame of the dispatch and every route of the table, by every kind of actor, over every transport.
 * An operation without a row fails by its name; what is refused changes nothing; nobody hears what is not theirs.
 */
import { upFrame } from '@godwit/protocol/up.ts'
import { routes } from '@godwit/server/gateway/routes.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type FrameCase, frameRows, type Outcome } from './testing/access-frames.ts'
import { type RouteCase, routeRows } from './testing/access-routes.ts'
import { type Actor, actors, leakIn, makeWorld, stored, tokenOf, type World } from './testing/access-world.ts'
import { type LiveClient, openPoll, openWs } from './testing/live-client.ts'
import { type MemoryServer, startMemoryServer } from './testing/memory-server.ts'

// Each row makes a world of its own and tries seven people in it.
vi.setConfig({ testTimeout: 20_000 })

let server: MemoryServer
beforeAll(async () => {
  server = await startMemoryServer()
})
afterAll(() => server.drain())

const frameTypes = upFrame.options.map(({ shape }) => shape.type.value)
const transports = ['ws', 'poll'] as const
type Transport = (typeof transports)[number]

const isRefusal = (outcome: Outcome) => outcome !== 'ok' && outcome !== 'silent'

/** Those who are refused go first: what they meet is what they would meet, and not what others have made of it. */
const inTurn = (expected: Readonly<Record<Actor, Outcome>>) =>
  [...actors].sort((a, b) => Number(isRefusal(expected[b])) - Number(isRefusal(expected[a])))

/** Tries each actor; what is refused must change nothing that is stored. */
async function outcomes(world: World, expected: Readonly<Record<Actor, Outcome>>, attempt: (actor: Actor) => Promise<Outcome>) {
  const met: Partial<Record<Actor, Outcome>> = {}
  for (const actor of inTurn(expected)) {
    const before = isRefusal(expected[actor]) ? await stored(server, world) : null
    met[actor] = await attempt(actor)
    if (before !== null) expect(await stored(server, world), `stored after the refusal of ${actor}`).toBe(before)
  }
  return met
}

describe('every operation has a row', () => {
  test.each(frameTypes)('[T7] frame %s', (type) => {
    expect(Object.keys(frameRows)).toContain(type)
    expect(frameRows[type].length).toBeGreaterThan(0)
  })

  test.each(routes.map(({ operation }) => operation))('[T7] route %s', (operation) => {
    expect(Object.keys(routeRows)).toContain(operation)
    expect(routeRows[operation]?.length).toBeGreaterThan(0)
  })

  test('[T7] and every row an operation', () => {
    const known: string[] = [...frameTypes, ...routes.map(({ operation }) => operation)]
    expect([...Object.keys(frameRows), ...Object.keys(routeRows)].filter((name) => !known.includes(name))).toEqual([])
  })
})

const connect = (transport: Transport): Promise<LiveClient> => (transport === 'ws' ? openWs(server.url) : openPoll(server.call))

/** Errors only give back what the client has sent. */
const heard = ({ frames }: LiveClient) => JSON.stringify(frames.filter(({ type }) => type !== 'error'))

/** What came of a frame: the first error, or the sign that it was done; `silent` when neither comes. */
async function tried(row: FrameCase, world: World, actor: Actor, own: LiveClient, owner: LiveClient): Promise<Outcome> {
  const [from, ownerFrom] = [own.frames.length, owner.frames.length]
  const error = own.next('error', from).then(({ code }) => code as Outcome)
  const sign = row.sign?.({ own, owner, from, ownerFrom, actor }).then((): Outcome => 'ok')
  own.send(row.frame(world, actor))
  const outcome = [error, ...(sign ? [sign] : [])]
  if (row.expected[actor] !== 'silent') return Promise.race(outcome)
  const silence = own
    .settled()
    .then(() => owner.settled())
    .then((): Outcome => 'silent')
  return Promise.race([...outcome, silence])
}

const frameCases = frameTypes.flatMap((type) =>
  (frameRows[type] ?? []).flatMap((row) => transports.map((transport) => [type, row.what, transport, row] as const)),
)

describe('frames', () => {
  test.each(frameCases)('[T7] %s %s, over %s', async (_type, _what, transport, row) => {
    const world = await makeWorld(server)
    const clients = {} as Record<Actor, LiveClient>
    for (const actor of actors) {
      clients[actor] = await connect(transport)
      const token = tokenOf(world, actor)
      if (token) await clients[actor].greet(token, { resume: !row.isFresh })
    }
    const owner = await (await openWs(server.url)).greet(world.who.owner.token)
    owner.send({ type: 'watch', conversations: [world.group, world.direct] })
    await owner.settled()

    const met = await outcomes(world, row.expected, (actor) => tried(row, world, actor, clients[actor], owner))
    expect(met).toEqual(row.expected)
    expect((await clients.none.closed).code).toBe(row.expected.none === 'HELLO_FIRST' ? 4200 : 4101)
    for (const actor of actors) {
      if (actor !== 'none') await clients[actor].settled()
      expect(leakIn(world, actor, heard(clients[actor])), `heard by ${actor}`).toBeNull()
      clients[actor].end()
    }
    owner.end()
  })
})

const routeCases = routes.flatMap((route) =>
  (routeRows[route.operation] ?? []).map((row) => [route.operation, row.what, row, route] as const),
)

describe('routes', () => {
  test.each(routeCases)('[T7] %s %s, over HTTP', async (_operation, _what, row: RouteCase, route) => {
    const world = await makeWorld(server)
    const met = await outcomes(world, row.expected, async (actor) => {
      const { params = {}, query, body } = row.request(world, actor)
      const path = route.path.replace(/:(\w+)/g, (_, name) => params[name] as string) + (query ? `?${query}` : '')
      const answer = await server.call(route.method, path, { token: tokenOf(world, actor), body })
      expect(leakIn(world, actor, answer.text), `answered to ${actor}: ${answer.text}`).toBeNull()
      if (answer.status !== 200) return answer.json.code
      row.check?.(answer.json as never, actor, world)
      return 'ok'
    })
    expect(met).toEqual(row.expected)
  })
})

describe('what goes on in a group', () => {
  test.each(transports)('[T7] does not reach who was removed or never was in it, over %s', async (transport) => {
    const world = await makeWorld(server)
    const { who, group } = world
    const leaver = { ...world.victim.member, client: await (await connect(transport)).greet(world.victim.member.token) }
    const never = await (await connect(transport)).greet(who.outsider.token)
    const owner = await (await openWs(server.url)).greet(who.owner.token)
    const watch = { type: 'watch', conversations: [group], users: [who.owner.userId] }
    for (const client of [leaver.client, never, owner]) client.send(watch)
    await leaver.client.next('receipts')
    const path = `/v1/conversations/${group}`
    const remove = await server.call('DELETE', `${path}/members/${leaver.userId}?clientMsgId=out`, { token: who.owner.token })
    expect(remove.status).toBe(200)
    await leaver.client.next('entry', 0, ({ entry }) => entry.seq === remove.json.seq)
    const before = leaver.client.frames.length

    for (const client of [leaver.client, never]) client.send(watch, { type: 'typing', conversationId: group })
    owner.send(
      { type: 'typing', conversationId: group },
      { type: 'message', to: group, clientMsgId: 'later-1', text: 'Jetzt sind wir unter uns' },
      { type: 'reaction', to: group, clientMsgId: 'later-2', target: world.during, emoji: '🤫', on: true },
      { type: 'ack', conversationId: group, seq: remove.json.seq, status: 'read' },
    )
    await owner.next('read')
    await server.call('PATCH', path, { token: who.owner.token, body: { clientMsgId: 'later-3', name: 'Ohne dich' } })
    const adding = { clientMsgId: 'later-4', members: [world.stranger.none.userId] }
    await server.call('POST', `${path}/members`, { token: who.owner.token, body: adding })
    // The owner's receipts of the group come a second later, to those who look.
    const receipts = owner.frames.length
    await owner.next('receipts', receipts)
    for (const client of [leaver.client, never, owner]) await client.settled()

    expect(owner.all('entry').map(({ entry }) => entry.kind)).toEqual(['removed', 'renamed', 'added'])
    expect(leaver.client.frames.slice(before).filter(({ type }) => type !== 'pong')).toMatchObject([
      { type: 'error', code: 'FORBIDDEN', conversationId: group },
      { type: 'error', code: 'FORBIDDEN', conversationId: group },
    ])
    expect(never.frames.map(({ type }) => type).filter((type) => type !== 'pong')).toEqual([
      'welcome',
      'resumed',
      'error',
      'error',
      'error',
    ])

    // Nor afterwards, by any way of catching up.
    const again = await (await connect(transport)).greet(leaver.token)
    const [row] = again.all('resumed')[0]?.conversations ?? []
    expect(row).toMatchObject({ conversationId: group, role: null, head: remove.json.seq })
    expect(heard(again)).not.toMatch(/unter uns|🤫|Ohne dich|stranger/)
    for (const client of [leaver.client, never, owner, again]) client.end()
  })

  test('[T7] a poll is reached by its own id alone', async () => {
    const { call } = server
    for (const path of ['/v1/poll/AAAA?ack=0', '/v1/poll/__proto__?ack=0', '/v1/poll/constructor?ack=0'])
      expect(await call('GET', path)).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } })
    expect(await call('POST', '/v1/poll/AAAA', { body: { n: 1, frames: ['{}'] } })).toMatchObject({ status: 404 })
    expect(await call('DELETE', '/v1/poll/AAAA')).toMatchObject({ status: 404 })
  })
})
