import type { Clock } from '@godwit/server/ports/clock.ts'

/**
 * The machine's clock, except that it never runs backwards, nor behind `notBefore` (Unix ms). When
 * the machine's is set back, this one goes on at its pace, ahead of it, until that has caught up or the process starts again:
 * a clock that stood still would refill no budget and let no token expire.
 */
export function systemClock(notBefore: number): Clock {
  let base = notBefore
  let baseAt = performance.now()
  return {
    now() {
      const counted = Math.floor(base + performance.now() - baseAt)
      const machine = Date.now()
      if (machine <= counted) return counted
      base = machine
      baseAt = performance.now()
      return machine
    },
    setTimer(ms, run) {
      if (ms <= 0) {
        // Not unref'd: the event loop would sleep on one that was set in its check phase. It holds the process for one turn.
        const immediate = setImmediate(run)
        return { cancel: () => clearImmediate(immediate) }
      }
      const timeout = setTimeout(run, ms).unref()
      return { cancel: () => clearTimeout(timeout) }
    },
    random: () => Math.random(),
  }
}
