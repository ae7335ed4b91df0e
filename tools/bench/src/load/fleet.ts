/** All devices of a scenario at one server, live. */
import type { Seeded, SeededRoom } from '../seed/seed.ts'
import type { Child } from '../servers/child.ts'
import { Exchange, type Lane, type Room } from './exchange.ts'
import { Receipts } from './receipts.ts'
import { type Greeting, Session } from './session.ts'

export type ServerKind = 'godwit' | 'floor'

export interface FleetOptions {
  readonly kind: ServerKind
  readonly server: Child
  readonly world: Seeded
  /** Users who are online; all, when left out. */
  readonly online?: readonly number[]
}

export interface Fleet {
  readonly kind: ServerKind
  readonly server: Child
  readonly exchange: Exchange
  readonly sessions: ReadonlyMap<number, Session>
  /** Each online member in each room. */
  readonly lanes: readonly Lane[]
  readonly receipts: Receipts | null
  end(): void
}

const connectsAtOnce = 64

/** Connects them, a few at a time, until all are live. */
export async function connectFleet({ kind, server, world, online }: FleetOptions): Promise<Fleet> {
  const users = online ?? world.userIds.map((_, user) => user)
  const exchange = new Exchange({ acks: kind === 'godwit' })
  const receipts = kind === 'godwit' ? new Receipts() : null
  if (receipts) exchange.onDelivered = (session, room, seq) => receipts.owe(session, room, seq)
  const greetingOf = createGreetings(kind, world)
  const sessions = new Map<number, Session>()
  let isEnding = false
  for (let from = 0; from < users.length; from += connectsAtOnce) {
    const group = users.slice(from, from + connectsAtOnce).map(async (user) => {
      const session = new Session({ port: server.port, user, greeting: await greetingOf(user), ears: exchange })
      session.ended.then((code) => isEnding || exchange.complaints.push(`User ${user} was cut off with ${code}.`))
      sessions.set(user, session)
      await session.ready
    })
    await Promise.all(group)
    // Those who came first would be taken for dead while the others come, where that takes long.
    if (kind === 'godwit') for (const session of sessions.values()) session.send('{"type":"ping"}')
  }
  const end = () => {
    isEnding = true
    receipts?.stop()
    for (const session of sessions.values()) session.end()
  }
  return { kind, server, exchange, sessions, lanes: lanesOf(world.rooms, sessions), receipts, end }
}

/** A greeting for each user: a new device of Godwit, or the rooms to enter. */
export function createGreetings(kind: ServerKind, world: Seeded): (user: number) => Promise<Greeting> {
  if (kind === 'godwit') return async (user) => ({ server: 'godwit', token: await world.tokenOf(user), epoch: null, mark: null })
  const roomsOf = new Map<number, string[]>()
  for (const { id, members } of world.rooms)
    for (const user of members) {
      const rooms = roomsOf.get(user)
      if (rooms) rooms.push(id)
      else roomsOf.set(user, [id])
    }
  return async (user) => ({ server: 'floor', rooms: roomsOf.get(user) ?? [] })
}

function lanesOf(rooms: readonly SeededRoom[], sessions: ReadonlyMap<number, Session>): Lane[] {
  return rooms.flatMap(({ id, members }) => {
    const online = members.flatMap((user) => sessions.get(user) ?? [])
    const room: Room = { id, online: online.length }
    return online.map((session): Lane => ({ session, room, unacked: -1 }))
  })
}
