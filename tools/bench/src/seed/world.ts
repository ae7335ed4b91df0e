/** Who and what is in a data folder before the run, by number. */
import type { UserId } from '@godwit/protocol/ids.ts'

export interface RoomPlan {
  readonly kind: 'direct' | 'group'
  /** Users, by number; the first has made it. */
  readonly members: readonly number[]
  /** In its log before the run. */
  readonly messages?: number
}

export interface WorldPlan {
  readonly users: number
  readonly rooms: readonly RoomPlan[]
}

export const userIdOf = (user: number): UserId => `u_bench${user}`

/** Each user talks with ten others. */
export function directWorld(users = 200, peersEach = 10): WorldPlan {
  const rooms = Array.from({ length: users }, (_, one) =>
    Array.from({ length: peersEach / 2 }, (_, i) => ({ kind: 'direct' as const, members: [one, (one + i + 1) % users] })),
  )
  return { users, rooms: rooms.flat() }
}
