import type { Clock } from '../ports/clock.ts'

/**
 * A clock whose `now` never goes back while this process lives, though the one beneath may be set. The times of entries, cursors
 * and flags are compared with marks (L7): what is stamped later must not look older than a mark that was given before.
 */
export function steadyClock(clock: Clock): Clock {
  let latest = 0
  return {
    now: () => (latest = Math.max(latest, clock.now())),
    setTimer: (ms, run) => clock.setTimer(ms, run),
    random: () => clock.random(),
  }
}
