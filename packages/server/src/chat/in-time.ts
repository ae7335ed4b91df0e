import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'

/** A trip to a store that does not answer in `appendTimeoutMs` is unknown (L4); what it answers later is heard by nobody. */
export type InTime = <T>(trip: () => Promise<T>) => Promise<T>

/** Trips are looked through so often within `appendTimeoutMs`, so one is given up in its last quarter. */
const looks = 4

/** One timer for all trips: one for each would cost a message more than its judging. */
export function createInTime(clock: Clock): InTime {
  /** Trips under way, those that began in the same interval together, oldest first. */
  const byAge = Array.from({ length: looks }, () => new Set<(error: GodwitError) => void>())
  let isLooking = false

  function look(): void {
    const late = byAge.shift()
    byAge.push(new Set())
    for (const give of late ?? []) give(new GodwitError('UNKNOWN_OUTCOME'))
    isLooking = byAge.some(({ size }) => size > 0)
    if (isLooking) lookLater()
  }

  function lookLater(): void {
    isLooking = true
    clock.setTimer(limits.appendTimeoutMs / looks, look)
  }

  return (trip) =>
    new Promise((resolve, reject) => {
      const youngest = byAge[looks - 1] as Set<typeof reject>
      youngest.add(reject)
      if (!isLooking) lookLater()
      trip().then(
        (value) => {
          youngest.delete(reject)
          resolve(value)
        },
        (error) => {
          youngest.delete(reject)
          reject(error)
        },
      )
    })
}
