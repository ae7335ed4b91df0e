/** What is compared: a server with everybody of a plan in it, and how they come to it. */
import type { Lane, Talker } from '@godwit/bench/load/exchange.ts'
import { closedLoop, openLoop } from '@godwit/bench/load/loops.ts'
import { type Measured, type MessageFigures, measureMessages, randomLanes } from '@godwit/bench/load/measure.ts'
import type { WorldPlan } from '@godwit/bench/seed/world.ts'
import type { Child } from '@godwit/bench/servers/child.ts'
import type { PeersBench } from '../bench.ts'

export interface System<R extends Running = Running> {
  /** As the tables call it. */
  readonly name: string
  /** Brings it, where it is not here yet. Throws `NotHere` when it cannot be had. */
  install(progress: (text: string) => void): void
  /** Starts it with everybody of the plan; it ends with the comparison. */
  start(bench: PeersBench, plan: WorldPlan, options?: StartOptions): Promise<R>
}

export interface StartOptions {
  /** One sender may write faster than one person could. */
  readonly withoutRates?: boolean
  /** `collectGarbage` will be called. */
  readonly collects?: boolean
}

export interface Running {
  /** Name and version of all that runs. */
  readonly title: string
  readonly server: Child
  /** Everybody of the plan, live. */
  gather(): Promise<Crowd>
  /** A device comes until it could hear and be heard, and goes. */
  visit(user: number): Promise<void>
  /** Answers when what the server no longer needs has been given back, as far as its runtime can. */
  collectGarbage(): Promise<void>
}

export interface DurableRunning extends Running {
  /** kill -9 of the server and its database; answers the numbers of the messages that are in the storage then. */
  kill(): Promise<ReadonlySet<number>>
}

/** How much is sent: so many messages under way at any moment, or so many a second. */
export type Load = { readonly inFlight: number } | { readonly perS: number }

export interface Crowd {
  readonly size: number
  /** Random members write in random conversations of theirs; or the first member alone, in the first one. */
  measure(load: Load, who: 'all' | 'first', timing: { readonly seconds: number; readonly settleInS: number }): Promise<MessageFigures>
  /** Writes and goes on writing; the set takes the number of each message whose ack has come. */
  pour(inFlight: number): ReadonlySet<number>
  end(): void
}

/** The sessions and lanes of one server, whatever kind of session it has. */
export function crowdOf<T extends Talker>(measured: Measured<T>, lanes: readonly Lane<T>[], size: number, end: () => void): Crowd {
  return {
    size,
    measure(load, who, timing) {
      const nextLane = who === 'all' ? randomLanes(lanes) : () => lanes[0] as Lane<T>
      return measureMessages(measured, {
        ...timing,
        start: (exchange) => ('inFlight' in load ? closedLoop(exchange, load.inFlight, nextLane) : openLoop(exchange, load.perS, nextLane)),
      })
    },
    pour(inFlight) {
      const acked = new Set<number>()
      measured.exchange.onAcked = (n) => acked.add(n)
      closedLoop(measured.exchange, inFlight, randomLanes(lanes))
      return acked
    },
    end,
  }
}
