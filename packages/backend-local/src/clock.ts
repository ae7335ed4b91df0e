import type { Clock } from '@godwit/server/ports/clock.ts'

/**
 * The machine's clock, except that it never runs backwards, nor behind `notBefore` (Unix ms, the newest entry of the log): when
 * the machine's is set back, this one stands still until that has caught up.
 */
export function systemClock(notBefore: number): Clock {
  let last = notBefore
  return {
    now() {
      last = Math.max(last, Date.now())
      return last
    },
    setTimer(ms, run) {
      if (ms <= 0) {
        const immediate = setImmediate(run).unref()
        return { cancel: () => clearImmediate(immediate) }
      }
      const timeout = setTimeout(run, ms).unref()
      return { cancel: () => clearTimeout(timeout) }
    },
    random: () => Math.random(),
  }
}
