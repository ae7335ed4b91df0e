import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'

/** A trip to a store that does not answer in `appendTimeoutMs` is unknown (L4); what it answers later is heard by nobody. */
export function inTime<T>(clock: Clock, trip: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(limits.appendTimeoutMs, () => reject(new GodwitError('UNKNOWN_OUTCOME')))
    const settled =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        timer.cancel()
        settle(value)
      }
    trip().then(settled(resolve), settled(reject))
  })
}
