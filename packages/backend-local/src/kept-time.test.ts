import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import { expect, test, vi } from 'vitest'
import { keepTime } from './kept-time.ts'
import type { Threads } from './threads.ts'

test('[L7] the time is kept at once and then twice a minute, until it is stopped; a write that fails is made good by the next', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 2, 29) })
  const clock: Clock = {
    now: () => Date.now(),
    setTimer: (ms, run) => {
      const timer = setTimeout(run, ms)
      return { cancel: () => clearTimeout(timer) }
    },
    random: Math.random,
  }
  const begun = clock.now()
  const kept: number[] = []
  const call = (_: string, at: number) => (kept.push(at - begun) === 2 ? Promise.reject(new Error('the disk is full')) : Promise.resolve())
  const stop = keepTime(clock, { writer: { call } } as unknown as Threads)
  await vi.advanceTimersByTimeAsync(100_000)
  expect(kept).toEqual([0, 1, 2, 3].map((times) => times * limits.keptTimeIntervalMs))
  stop()
  await vi.advanceTimersByTimeAsync(100_000)
  expect(kept).toHaveLength(4)
  vi.useRealTimers()
})
