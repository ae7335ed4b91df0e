import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

afterEach(() => vi.restoreAllMocks())

/** Both clocks of the machine: wall time, which may be set, and the one that only counts. */
function machine(wall: number) {
  const clocks = { wall, counted: 5_000 }
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(clocks.wall))
  vi.spyOn(performance, 'now').mockImplementation(() => clocks.counted)
  return {
    pass(ms: number) {
      clocks.wall += ms
      clocks.counted += ms
    },
    set(ms: number) {
      clocks.wall += ms
    },
  }
}

const hourMs = 3_600_000
const noon = Date.UTC(2026, 4, 11, 12)

test('time is the machine’s, to the millisecond', () => {
  const { pass } = machine(noon)
  const clock = systemClock(0)
  for (let i = 1; i <= 1_000; i++) {
    pass(0.7)
    expect(clock.now()).toBe(Date.now())
  }
})

test('[L9] set back by an hour, time neither runs backwards nor stands still: budgets refill, tokens expire', () => {
  const { pass, set } = machine(noon)
  const clock = systemClock(0)
  expect(clock.now()).toBe(noon)
  pass(1_000)
  expect(clock.now()).toBe(noon + 1_000)
  set(-hourMs)
  expect(clock.now()).toBe(noon + 1_000)
  pass(250)
  expect(clock.now()).toBe(noon + 1_250)
  pass(2 * hourMs)
  expect(clock.now()).toBe(noon + 1_250 + 2 * hourMs)
  set(hourMs)
  pass(1)
  expect(clock.now()).toBe(Date.now())
})

test('set forward, as after a sleep of the machine, it follows at once', () => {
  const { set } = machine(noon)
  const clock = systemClock(0)
  set(8 * hourMs)
  expect(clock.now()).toBe(noon + 8 * hourMs)
})

test('[L7] it begins behind no entry of the log, and goes on from there', () => {
  const { pass } = machine(noon)
  const clock = systemClock(noon + hourMs)
  expect(clock.now()).toBe(noon + hourMs)
  pass(40)
  expect(clock.now()).toBe(noon + hourMs + 40)
})

test('a timer of 0 runs in the next turn of the event loop, unless it is cancelled', async () => {
  const order: string[] = []
  const clock = systemClock(0)
  clock.setTimer(0, () => order.push('timer'))
  clock.setTimer(0, () => order.push('cancelled')).cancel()
  order.push('this turn')
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['this turn', 'timer'])
})

test('a timer of 0 set while the loop has nothing else to do is not slept on', async () => {
  const clock = systemClock(0)
  const begin = performance.now()
  // In the check phase, with a far timer as the only other event.
  const far = setTimeout(() => {}, 2_000)
  await new Promise<void>((resolve) => setTimeout(() => setImmediate(() => clock.setTimer(0, resolve)), 10))
  clearTimeout(far)
  expect(performance.now() - begin).toBeLessThan(1_000)
})
