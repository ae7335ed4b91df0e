import { manualClock } from '@godwit/backend-memory/clock.ts'
import { expect, test } from 'vitest'
import { Snowflake } from './snowflake.ts'
import { steadyClock } from './steady-clock.ts'

const start = Date.UTC(2026, 2, 9, 6, 30)

test('[R7] ids rise and never repeat, also when the clock steps back and beyond 4,096 in a millisecond', () => {
  const clock = manualClock(start)
  const snowflake = new Snowflake(clock, 7)
  const ids: bigint[] = []
  for (const step of [0, 0, 5, -3_600_000, 1, 3_600_000, -2])
    for (let i = 0; i < 5_000; i++) {
      if (i === 0) clock.jump(step)
      ids.push(BigInt(snowflake.next()))
    }
  ids.forEach((id, i) => {
    if (i > 0) expect(id > (ids[i - 1] as bigint)).toBe(true)
  })
  for (const id of ids) expect((id >> 12n) & 1_023n).toBe(7n)
}, 30_000)

test('[R7] an id tells its time, worker and place', () => {
  const id = BigInt(new Snowflake(manualClock(start), 1_023).next())
  expect(Number(id >> 22n) + Date.UTC(2024, 0, 1)).toBe(start)
  expect(id & 4_095n).toBe(0n)
})

test('[R7] a clock that has lost its battery makes no negative ids', () => {
  const snowflake = new Snowflake(manualClock(0), 0)
  const ids = Array.from({ length: 5_000 }, () => BigInt(snowflake.next()))
  expect(ids[0] as bigint).toBeGreaterThanOrEqual(0n)
  expect(new Set(ids).size).toBe(5_000)
})

test('a worker is one of 1,024', () => {
  for (const worker of [-1, 1_024, 1.5]) expect(() => new Snowflake(manualClock(), worker)).toThrow(RangeError)
})

test('[L7] the time that entries and marks are stamped with never goes back', () => {
  const clock = manualClock(start)
  const steady = steadyClock(clock)
  expect(steady.now()).toBe(start)
  clock.jump(-60_000)
  expect(steady.now()).toBe(start)
  clock.jump(60_001)
  expect(steady.now()).toBe(start + 1)
})
