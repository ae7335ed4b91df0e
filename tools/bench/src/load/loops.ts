/** The two ways to load a server: as many as it takes (closed loop), and as many as come (open loop). */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange, Lane, Talker } from './exchange.ts'

export interface Loop {
  /** Sends nothing new, and waits until what is under way has settled. Throws when that takes too long. */
  stop(): Promise<void>
}

const settleDeadlineMs = 60_000

/** So many under way at any moment: each that has settled is followed by the next. */
export function closedLoop<T extends Talker>(exchange: Exchange<T>, inFlight: number, nextLane: () => Lane<T>): Loop {
  const send = () => exchange.send(nextLane(), performance.now())
  exchange.onSettled = send
  for (let i = 0; i < inFlight; i++) send()
  return { stop: () => settle(exchange) }
}

/** `perS` messages a second at even moments, whatever becomes of those before. */
export function openLoop<T extends Talker>(exchange: Exchange<T>, perS: number, nextLane: () => Lane<T>): Loop {
  const begun = performance.now()
  let count = 0
  const pump = () => {
    const now = performance.now()
    for (let at = begun + (count * 1_000) / perS; at <= now; at = begun + (++count * 1_000) / perS) exchange.send(nextLane(), at)
  }
  // The timer alone comes once a millisecond; what arrives meanwhile is a moment to look at the clock, too.
  exchange.onSettled = pump
  const timer = setInterval(pump, 1)
  return {
    async stop() {
      clearInterval(timer)
      await settle(exchange)
    },
  }
}

async function settle<T extends Talker>(exchange: Exchange<T>): Promise<void> {
  exchange.onSettled = () => {}
  const begun = performance.now()
  while (exchange.underWay > 0) {
    if (performance.now() - begun > settleDeadlineMs)
      throw new Error(
        `${exchange.underWay} messages have not arrived ${settleDeadlineMs} ms after the load ended. ${exchange.complaints.join(' ')}`,
      )
    await sleep(5)
  }
}
