/** A day of a messenger in small: much more reading than writing, groups of very different size, people who type and come back. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, createZipf, type Random } from '@godwit/load/world/random.ts'
import type { Bench, Goal, Scenario } from '../bench.ts'
import type { Lane } from '../load/exchange.ts'
import { firstSync, type Marked } from '../load/first-sync.ts'
import { connectFleet, type Fleet } from '../load/fleet.ts'
import { HttpClient } from '../load/http.ts'
import { keepAlive } from '../load/keep-alive.ts'
import { measureOperations } from '../load/operations.ts'
import { comeBack } from '../load/returning.ts'
import { Tokens } from '../load/tokens.ts'
import { memoryOf } from '../measure/proc.ts'
import { spreadOf } from '../measure/spread.ts'
import { type Seeded, seed } from '../seed/seed.ts'
import { directWorld, type RoomPlan } from '../seed/world.ts'

const readsPerSend = 10
const directShare = 0.7
const atOnce = 64

export const mixed: Scenario = {
  name: 'mixed',
  summary: 'ten reads (pages, list, resume) a send, 70 % direct, groups by Zipf, receipts, typing, heartbeats; --soak watches memory',
  async run(bench) {
    const users = bench.size(1_000, 60)
    const world = await seed(bench.folder(), { users, rooms: roomsOf(users, bench.size(100, 8)) }, bench.progress)
    const server = await bench.startGodwit({ folder: world.folder })
    const fleet = await connectFleet({ kind: 'godwit', server, world })
    const tokens = new Tokens(world)
    await tokens.prepare(world.userIds.keys())
    using _alive = keepAlive(fleet, tokens)
    lookAtOne(fleet)
    const http = new HttpClient(server.port)
    // How many first answers fall into a window would decide its figures.
    const marks = await firstSync(bench, server.port, world, tokens)
    const operate = operations(fleet, world, http, tokens, marks)
    const window = { server, seconds: bench.windowS, settleInS: bench.warmUpS, operate }
    const peak = await measureOperations({ ...window, load: { atOnce } })
    bench.progress(`peak: ${Math.round(peak.perS).toLocaleString('en')} operations/s`)
    const halfPerS = peak.perS / 2
    fleet.exchange.isMeasured = true
    const half = await measureOperations({ ...window, load: { perS: halfPerS } })
    fleet.exchange.isMeasured = false
    const goals: Goal[] = [{ what: 'p99 at half of peak', unit: 'ms', value: half.latency.quantile(0.99), bound: { atMost: 50 } }]
    const more: Record<string, number> = { message_p99_ms: fleet.exchange.latency.quantile(0.99) }
    if (bench.soakMinutes > 0) {
      const growth = await soak(bench, fleet, () =>
        measureOperations({ ...window, seconds: bench.soakMinutes * 60, load: { perS: halfPerS } }),
      )
      goals.push({
        what: `memory after ${bench.soakMinutes} minutes to that of the first fifth`,
        unit: 'x',
        value: growth,
        bound: { atMost: 1.1 },
      })
      more.soak_growth = growth
    }
    http.end()
    const { errors } = fleet.exchange.tally()
    if (errors > 0) throw new Error(`the server refused ${errors} frames: ${fleet.exchange.complaints.join(' ')}`)
    const { rssBytes, peakBytes } = memoryOf(server.pid)
    return {
      unit: `operation: one in ${readsPerSend + 1} is a message`,
      throughputPerS: spreadOf([peak.perS]),
      cpuUs: spreadOf([peak.cpuUsEach]),
      floorCpuUs: null,
      ratio: null,
      latency: half.latency,
      latencyAt: `${Math.round(halfPerS).toLocaleString('en')} operations/s, open loop`,
      rssBytes,
      peakRssBytes: peakBytes,
      windows: [peak.window, half.window],
      goals,
      more,
      notes: ['a relay has nothing to read: no floor'],
    }
  },
}

function roomsOf(users: number, groups: number): RoomPlan[] {
  const random = createRandom('bench mixed')
  const everybody = Array.from({ length: users }, (_, user) => user)
  const sizeOf = () => Math.min(users, Math.round(5 / (1 - random.next()) ** 0.9))
  return [
    ...directWorld(users).rooms.map((room) => ({ ...room, messages: 60 })),
    ...Array.from({ length: groups }, () => ({
      kind: 'group' as const,
      members: random.sample(everybody, Math.min(200, sizeOf())),
      messages: 200,
    })),
  ]
}

/** Everybody has one conversation on the screen, so that typing and presence have somewhere to go. */
function lookAtOne({ lanes }: Fleet): void {
  const first = new Map(lanes.map(({ session, room }) => [session, room.id]))
  for (const [session, id] of first) session.send(`{"type":"watch","conversations":["${id}"]}`)
}

/** One operation of a random kind; answers when it has its answer. */
function operations(fleet: Fleet, world: Seeded, http: HttpClient, tokens: Tokens, marks: Marked[]): (at: number) => Promise<unknown> {
  const random = createRandom('bench mixed operations')
  const { exchange } = fleet
  const settled = new Map<number, () => void>()
  exchange.onSettled = (n) => {
    settled.get(n)?.()
    settled.delete(n)
  }
  const nextLane = lanesByKind(fleet, world, random)
  const users = world.userIds.length

  async function send(at: number): Promise<void> {
    const lane = nextLane()
    if (random.next() < 0.3) lane.session.send(`{"type":"typing","conversationId":"${lane.room.id}"}`)
    await new Promise<void>((resolve) => settled.set(exchange.send(lane, at), resolve))
  }
  async function page(): Promise<void> {
    const room = random.pick(world.rooms)
    const before = random.next() < 0.7 ? '' : `&before=${random.int(1, room.head)}`
    await http.get(`/v1/conversations/${room.id}/messages?limit=50${before}`, await tokens.of(random.pick(room.members)))
  }
  const list = async () => http.get('/v1/conversations', await tokens.of(random.int(0, users - 1)))
  async function resume(): Promise<void> {
    const user = random.int(0, users - 1)
    const { epoch, mark } = marks[user] as Marked
    const { session, answer } = await comeBack(
      fleet.server.port,
      user,
      { server: 'godwit', token: await tokens.of(user), epoch, mark },
      false,
    )
    session.end()
    if (answer) marks[user] = { epoch: answer.epoch, mark: answer.mark }
  }
  const read = () =>
    random.weighted<() => Promise<unknown>>([
      [70, page],
      [15, list],
      [15, resume],
    ])()
  return (at) => (random.next() < 1 / (readsPerSend + 1) ? send(at) : read())
}

function lanesByKind(fleet: Fleet, world: Seeded, random: Random): () => Lane {
  const groupIds = world.rooms.filter(({ members }) => members.length > 2).map(({ id }) => id as string)
  const byRoom = Map.groupBy(fleet.lanes, ({ room }) => room.id)
  const zipf = createZipf(groupIds.length, 1, random)
  const direct = fleet.lanes.filter(({ room }) => room.online === 2)
  return () => random.pick(random.next() < directShare ? direct : (byRoom.get(groupIds[zipf()] as string) as Lane[]))
}

/** Memory of the last fifth to that of the first, once the load has run in. */
async function soak(bench: Bench, { server }: Fleet, load: () => Promise<unknown>): Promise<number> {
  const samples: number[] = []
  const running = load()
  let isOver = false
  running
    .finally(() => {
      isOver = true
    })
    .catch(() => {})
  while (!isOver) {
    await Promise.race([sleep(5_000), running.catch(() => {})])
    if (!isOver) samples.push(memoryOf(server.pid).rssBytes)
    if (samples.length % 12 === 0) bench.progress(`memory ${Math.round((samples.at(-1) ?? 0) / 2 ** 20)} MB`)
  }
  await running
  const fifth = Math.max(1, Math.floor(samples.length / 5))
  return spreadOf(samples.slice(-fifth)).median / spreadOf(samples.slice(0, fifth)).median
}
