/** One measured window of messages over a fleet. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '@godwit/load/world/random.ts'
import { Histogram } from '../measure/histogram.ts'
import { openWindow, type WindowFigures } from '../measure/window.ts'
import type { Child } from '../servers/child.ts'
import type { Exchange, Lane, Talker } from './exchange.ts'
import type { Loop } from './loops.ts'

export interface MessageFigures {
  readonly window: WindowFigures
  readonly messagesPerS: number
  readonly deliveriesPerS: number
  readonly cpuUsPerDelivery: number
  /** To the recipient, and to the ack; from the intended moment of sending. */
  readonly latency: Histogram
  readonly ackLatency: Histogram
}

/** A server with those who are connected to it. */
export interface Measured<T extends Talker> {
  /** What it is called in errors. */
  readonly kind: string
  readonly server: Child
  readonly exchange: Exchange<T>
}

export interface MeasureOptions<T extends Talker> {
  readonly seconds: number
  /** Load before the window begins. */
  readonly settleInS: number
  readonly start: (exchange: Exchange<T>) => Loop
}

/** Throws when the server refused anything: figures of refusals are no figures. */
export async function measureMessages<T extends Talker>(
  { kind, exchange, server }: Measured<T>,
  { seconds, settleInS, start }: MeasureOptions<T>,
): Promise<MessageFigures> {
  const loop = start(exchange)
  await Promise.race([sleep(settleInS * 1_000), server.died])
  exchange.latency.clear()
  exchange.ackLatency.clear()
  exchange.isMeasured = true
  const before = exchange.tally()
  const close = openWindow(server.pid, server.helpers)
  await Promise.race([sleep(seconds * 1_000), server.died])
  // On a machine that is busy with other things a short window may see nothing.
  for (let waits = 0; exchange.tally().deliveries === before.deliveries && waits < 400; waits++)
    await Promise.race([sleep(50), server.died])
  const window = close()
  const after = exchange.tally()
  // Latencies count until the last has arrived: those that a slow server still owes belong to its tail.
  await Promise.race([loop.stop(), server.died])
  exchange.isMeasured = false
  if (after.errors > 0) throw new Error(`the ${kind} refused ${after.errors} frames, the first of them: ${exchange.complaints.join(' ')}`)
  const deliveries = after.deliveries - before.deliveries
  if (deliveries === 0) throw new Error(`nothing was delivered in ${window.seconds.toFixed(0)} s. ${exchange.complaints.join(' ')}`)
  return {
    window,
    messagesPerS: (after.settled - before.settled) / window.seconds,
    deliveriesPerS: deliveries / window.seconds,
    cpuUsPerDelivery: window.serverCpuUs / deliveries,
    latency: copyOf(exchange.latency),
    ackLatency: copyOf(exchange.ackLatency),
  }
}

/** Lanes in random order, the same in every run. */
export function randomLanes<T extends Talker>(lanes: readonly Lane<T>[]): () => Lane<T> {
  const random = createRandom('bench lanes')
  return () => random.pick(lanes)
}

/** Lanes one after another, round and round. */
export function lanesInTurn(lanes: readonly Lane[]): () => Lane {
  let turn = 0
  return () => lanes[turn++ % lanes.length] as Lane
}

function copyOf(histogram: Histogram): Histogram {
  const copy = new Histogram()
  copy.add(histogram)
  return copy
}
