import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Exchange, type Lane } from './exchange.ts'
import { closedLoop, openLoop } from './loops.ts'
import { Session } from './session.ts'

/** A peer that has everything at once: as fast as a server can be. */
function instantLane(exchange: () => Exchange, sent: string[] = []): Lane {
  const session: Session = Object.create(Session.prototype)
  session.send = (text) => {
    sent.push(text)
    const n = sent.length - 1
    queueMicrotask(() => exchange().entry(session, n, n + 2))
    queueMicrotask(() => exchange().acked(n))
  }
  return { session, room: { id: 'c_00room', online: 2 }, unacked: -1 }
}

test('open loop: what should have been sent during a stall is sent after it, and waits from the moment it was due', async () => {
  const exchange = new Exchange({ acks: true })
  exchange.isMeasured = true
  const lane = instantLane(() => exchange)
  const loop = openLoop(exchange, 1_000, () => lane)
  const until = performance.now() + 150
  while (performance.now() < until);
  await sleep(5)
  await loop.stop()
  expect(exchange.latency.count).toBeGreaterThanOrEqual(140)
  expect(exchange.latency.quantile(1)).toBeGreaterThan(140)
  // Of the 150 that were due, 90 by then; how many come without a wait behind it is the machine's affair.
  expect(exchange.latency.quantile(1 - 80 / exchange.latency.count)).toBeGreaterThan(60)
})

test('closed loop: so many are under way, never more, and none is left', async () => {
  const exchange = new Exchange({ acks: true })
  const sent: string[] = []
  const lane = instantLane(() => exchange, sent)
  const loop = closedLoop(exchange, 7, () => lane)
  expect(exchange.underWay).toBe(7)
  await Promise.resolve()
  await loop.stop()
  expect(exchange.underWay).toBe(0)
  expect(exchange.tally()).toMatchObject({ sent: sent.length, settled: sent.length, deliveries: sent.length, acks: sent.length, errors: 0 })
})

test('[L5] a message behind an unacked one names it, and a refused one is not waited for', () => {
  const exchange = new Exchange({ acks: true })
  const sent: { clientMsgId: string; after?: string }[] = []
  const session: Session = Object.create(Session.prototype)
  session.send = (text) => sent.push(JSON.parse(text))
  const lane: Lane = { session, room: { id: 'c_00room', online: 2 }, unacked: -1 }
  for (let i = 0; i < 2; i++) exchange.send(lane, performance.now())
  exchange.acked(0)
  exchange.acked(1)
  exchange.send(lane, performance.now())
  expect(sent.map(({ after }) => after)).toEqual([undefined, sent[0]?.clientMsgId, undefined])
  exchange.refused(2, '{"type":"error","code":"RATE_LIMITED"}')
  expect(exchange.underWay).toBe(2)
  expect(exchange.tally().errors).toBe(1)
})
