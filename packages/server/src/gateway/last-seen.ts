/**
 * When each device was last seen: kept here, and written for all of them every `lastSeenIntervalMs` (L10), a few at a time, for what is
 * appended meanwhile must not wait behind them.
 */
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Sightings } from '../ports/sightings.ts'

export class LastSeen {
  readonly #clock: Clock
  readonly #sightings: Pick<Sightings, 'seen'>
  readonly #onError: (error: unknown) => void
  #ofDevice = new Map<DeviceId, number>()
  /** The same by user, for whoever asks before it is written. */
  #ofUser = new Map<UserId, number>()

  constructor(clock: Clock, sightings: Pick<Sightings, 'seen'>, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#sightings = sightings
    this.#onError = onError
  }

  saw(userId: UserId, deviceId: DeviceId): void {
    if (this.#ofDevice.size === 0) this.#clock.setTimer(limits.lastSeenIntervalMs, () => void this.flush())
    const at = this.#clock.now()
    this.#ofDevice.set(deviceId, at)
    this.#ofUser.set(userId, at)
  }

  /** The later of what is stored and what is not written yet. */
  of(userId: UserId, stored: number | null): number | null {
    const waiting = this.#ofUser.get(userId)
    return waiting === undefined ? stored : Math.max(waiting, stored ?? 0)
  }

  /** Never rejects: a sighting that is lost is made good by the next. */
  async flush(): Promise<void> {
    const waiting = [...this.#ofDevice].map(([deviceId, at]) => ({ deviceId, at }))
    const written = new Map(this.#ofUser)
    this.#ofDevice = new Map()
    try {
      for (let from = 0; from < waiting.length; from += limits.sightingsAtOnceMax)
        await this.#sightings.seen(waiting.slice(from, from + limits.sightingsAtOnceMax))
    } catch (error) {
      this.#onError(error)
    }
    for (const [userId, at] of written) if (this.#ofUser.get(userId) === at) this.#ofUser.delete(userId)
  }
}
