/** The server is killed and started again, and all devices come back at once, having missed something. */

import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { ConversationOutline, ConversationSummary } from '@godwit/protocol/summary.ts'
import type { Bench, Scenario } from '../bench.ts'
import { firstSync, type Marked } from '../load/first-sync.ts'
import { connectFleet } from '../load/fleet.ts'
import { HttpClient } from '../load/http.ts'
import { closedLoop } from '../load/loops.ts'
import { measureMessages, randomLanes } from '../load/measure.ts'
import { comeBack, shakeHands } from '../load/returning.ts'
import { Tokens } from '../load/tokens.ts'
import { Histogram } from '../measure/histogram.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { openWindow } from '../measure/window.ts'
import { type Seeded, seed } from '../seed/seed.ts'
import type { RoomPlan } from '../seed/world.ts'
import type { Child } from '../servers/child.ts'

const directsEach = 40
const groupSize = 50
const groupsEach = 10
/** Devices that go on talking while the others are away. */
const talking = 50

export const reconnectStorm: Scenario = {
  name: 'reconnect-storm',
  summary: '5,000 devices with 50 conversations each; the server is killed and started again',
  async run(bench) {
    const users = bench.size(5_000, 60)
    const world = await seed(bench.folder(), { users, rooms: roomsOf(users) }, bench.progress)
    const tokens = new Tokens(world)
    await tokens.prepare(world.userIds.keys())
    const first = await bench.startGodwit({ folder: world.folder })
    const marks = await firstSync(bench, first.port, world, tokens)
    const heads = await talk(bench, first, world)
    await first.end('SIGKILL')

    const server = await bench.startGodwit({ folder: world.folder })
    const begun = performance.now()
    const close = openWindow(server.pid)
    const latency = new Histogram()
    const http = new HttpClient(server.port)
    let pages = 0
    let attempts = 0
    const back = world.userIds.map(async (_, user) => {
      const { epoch, mark } = marks[user] as Marked
      const returned = await comeBack(server.port, user, { server: 'godwit', token: await tokens.of(user), epoch, mark })
      attempts += returned.attempts
      const behind = missingIn(returned.answer as DownFrameOf<'resumed'>, heads.ofUser(user), world)
      // Who was talking has heard it all.
      const missing = user < talking ? [] : behind
      pages += missing.length
      for (const { id, after } of missing)
        await http.get(`/v1/conversations/${id}/messages?limit=200&after=${after}`, await tokens.of(user))
      latency.record(performance.now() - begun)
      return returned.session
    })
    const sessions = await Promise.race([Promise.all(back), server.died])
    const window = close()
    for (const session of sessions) session.end()
    http.end()
    const { rssBytes, peakBytes } = memoryOf(server.pid)
    const perS = users / window.seconds
    bench.progress(`all back after ${window.seconds.toFixed(2)} s, ${attempts - users} attempts failed, ${pages} pages fetched`)

    const floor = await handshakes(await bench.startFloor(), users)
    return {
      unit: 'device that is back',
      throughputPerS: spreadOf([perS]),
      cpuUs: spreadOf([window.serverCpuUs / users]),
      floorCpuUs: spreadOf([floor.cpuUs]),
      ratio: spreadOf([window.serverCpuUs / users / floor.cpuUs]),
      latency,
      latencyAt: 'all at once, from the moment the server listens again',
      rssBytes,
      peakRssBytes: peakBytes,
      windows: [window, floor.window],
      goals: [
        { what: 'all resumed and caught up', unit: 's', value: window.seconds, bound: { atMost: 3 } },
        { what: "rate to the floor's handshakes", unit: 'x', value: perS / floor.perS, bound: { atLeast: 0.5 } },
      ],
      more: { floor_handshakes_per_s: floor.perS, failed_attempts: attempts - users, pages_fetched: pages, restart_ms: server.startUpMs },
      notes: [`first attempts spread over 0.5 s, as clients do; ${heads.messages.toLocaleString('en')} messages were missed`],
    }
  },
}

function roomsOf(users: number): RoomPlan[] {
  const directs = Array.from({ length: users }, (_, one) =>
    Array.from({ length: directsEach / 2 }, (_, i) => ({ kind: 'direct' as const, members: [one, (one + i + 1) % users], messages: 3 })),
  )
  const groups = Array.from({ length: (users * groupsEach) / groupSize }, (_, index) => ({
    kind: 'group' as const,
    members: Array.from({ length: groupSize }, (_, i) => ((index * groupSize) / groupsEach + i) % users),
    messages: 20,
  }))
  return [...directs.flat(), ...groups]
}

/** A few talk; answers where the conversations of each user stand then. */
async function talk(bench: Bench, server: Child, world: Seeded) {
  const online = Array.from({ length: Math.min(talking, world.userIds.length) }, (_, user) => user)
  const fleet = await connectFleet({ kind: 'godwit', server, world, online })
  const moved = new Map<string, number>()
  const told = fleet.exchange.onDelivered
  fleet.exchange.onDelivered = (session, room, seq) => {
    told(session, room, seq)
    moved.set(room.id, Math.max(seq, moved.get(room.id) ?? 0))
  }
  const lanes = fleet.lanes.filter(({ room }) => room.online > 1)
  const start = (exchange: typeof fleet.exchange) => closedLoop(exchange, 64, randomLanes(lanes))
  await measureMessages(fleet, { seconds: bench.size(2, 0.3), settleInS: 0, start })
  fleet.end()
  const ofUser = new Map<number, Map<string, number>>()
  for (const { id, members } of world.rooms) {
    const head = moved.get(id)
    if (head === undefined) continue
    for (const user of members) {
      const heads = ofUser.get(user)
      if (heads) heads.set(id, head)
      else ofUser.set(user, new Map([[id, head]]))
    }
  }
  return { messages: fleet.exchange.tally().settled, ofUser: (user: number) => ofUser.get(user) ?? new Map<string, number>() }
}

/** Throws when the answer leaves out a conversation that has moved (L7); answers those whose newest entries did not fit. */
function missingIn(answer: DownFrameOf<'resumed'>, heads: ReadonlyMap<string, number>, world: Seeded) {
  const rows: readonly (ConversationSummary | ConversationOutline)[] = [...answer.conversations, ...(answer.outlines ?? [])]
  const byId = new Map(rows.map((row) => [row.conversationId as string, row]))
  return [...heads].flatMap(([id, head]) => {
    const row = byId.get(id)
    if (!row || row.head < head) throw new Error(`${id} stands at ${head}, and the resume says ${row?.head}`)
    if (!('entries' in row)) return []
    const had = seededHead(world, id)
    const [oldest] = row.entries
    return oldest !== undefined && oldest.seq <= had + 1 ? [] : [{ id, after: had }]
  })
}

const seededHeads = new WeakMap<Seeded, Map<string, number>>()

function seededHead(world: Seeded, id: string): number {
  const known = seededHeads.get(world) ?? new Map(world.rooms.map((room) => [room.id as string, room.head]))
  seededHeads.set(world, known)
  return known.get(id) ?? 0
}

async function handshakes(server: Child, users: number) {
  const close = openWindow(server.pid)
  const all = Promise.all(Array.from({ length: users }, (_, user) => shakeHands(server.port, user)))
  const sessions = await Promise.race([all, server.died])
  const window = close()
  for (const session of sessions) session.end()
  return { perS: users / window.seconds, cpuUs: window.serverCpuUs / users, window }
}
