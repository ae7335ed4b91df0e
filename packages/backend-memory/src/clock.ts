import type { Clock } from '@godwit/server/ports/clock.ts'

/** A clock that stands still until it is told to move, and whose chance comes from a seed. */
export interface ManualClock extends Clock {
  /** Moves time on by `ms` and runs the timers that fall due, in order, each at its own time. */
  advance(ms: number): void
  /** Jumps without running timers: forwards or backwards, as a system clock that is set does. */
  jump(ms: number): void
}

interface Due {
  readonly at: number
  readonly run: () => void
}

/** `startAt` in Unix ms; equal seeds give equal chance. */
export function manualClock(startAt = Date.UTC(2024, 0, 1), seed = 1): ManualClock {
  // Timers count on `elapsed`, which only grows; `offset` makes Unix time of it.
  let elapsed = 0
  let offset = startAt
  let state = seed >>> 0
  const timers = new Set<Due>()

  const nextDue = (upTo: number) => [...timers].filter(({ at }) => at <= upTo).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => offset + elapsed,
    setTimer(ms, run) {
      const timer = { at: elapsed + Math.max(ms, 0), run }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    // mulberry32
    random() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
    advance(ms) {
      const until = elapsed + ms
      for (let due = nextDue(until); due; due = nextDue(until)) {
        elapsed = Math.max(elapsed, due.at)
        timers.delete(due)
        due.run()
      }
      elapsed = until
    },
    jump(ms) {
      offset += ms
    },
  }
}
