/** Devices that come back after a restart: each tries again with full jitter until it is resumed, and then has what it has missed. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import { type Ears, type Greeting, Session } from './session.ts'

export interface Returned {
  readonly session: Session
  readonly answer: DownFrameOf<'resumed'> | null
  readonly attempts: number
}

const attemptsMax = 10
const backoffMs = 500
const backoffMaxMs = 30_000

const deaf: Ears = { entry() {}, acked() {}, refused() {}, pong() {} }

/** Random time between 0 and 0.5 s x 2^attempt before each attempt; the first may be at once. Throws after ten. */
export async function comeBack(port: number, user: number, greeting: Greeting, waitsFirst = true): Promise<Returned> {
  for (let attempt = 0; ; attempt++) {
    if (attempt > 0 || waitsFirst) await sleep(Math.random() * Math.min(backoffMaxMs, backoffMs * 2 ** attempt))
    const session = new Session({ port, user, greeting, ears: deaf })
    try {
      return { session, answer: await session.ready, attempts: attempt + 1 }
    } catch (error) {
      session.end()
      if (attempt + 1 === attemptsMax) throw error
    }
  }
}

/** The upgrade alone. */
export async function shakeHands(port: number, user: number): Promise<Session> {
  await sleep(Math.random() * backoffMs)
  const session = new Session({ port, user, greeting: { server: 'floor', rooms: [] }, ears: deaf })
  await session.opened
  return session
}
