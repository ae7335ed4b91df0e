/**
 * When each device was last seen: kept here, and written for all of them every `lastSeenWriteIntervalMs` (L10), `sightingsAtOnceMax` at a
 * time, so that an append never waits behind all of them.
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
  #written: Promise<void> = Promise.resolve()

  constructor(clock: Clock, sightings: Pick<Sightings, 'seen'>, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#sightings = sightings
    this.#onError = onError
  }

  saw(userId: UserId, deviceId: DeviceId): void {
    if (this.#ofDevice.size === 0) this.#clock.setTimer(limits.lastSeenWriteIntervalMs, () => void this.#flush(limits.sightingsAtOnceMax))
    const at = this.#clock.now()
    this.#ofDevice.set(deviceId, at)
    this.#ofUser.set(userId, at)
  }

  /** The later of what is stored and what is not written yet. */
  of(userId: UserId, stored: number | null): number | null {
    const waiting = this.#ofUser.get(userId)
    return waiting === undefined ? stored : Math.max(waiting, stored ?? 0)
  }

  /** All that waits, in one piece: whoever stops has nothing else to write. */
  stop(): Promise<void> {
    return this.#flush(Number.POSITIVE_INFINITY)
  }

  /** One after another. Never rejects: a sighting that is lost is made good by the next. */
  #flush(atOnce: number): Promise<void> {
    this.#written = this.#written.then(() => this.#write(atOnce))
    return this.#written
  }

  async #write(atOnce: number): Promise<void> {
    const waiting = [...this.#ofDevice].map(([deviceId, at]) => ({ deviceId, at }))
    const written = new Map(this.#ofUser)
    this.#ofDevice = new Map()
    const errors: unknown[] = []
    for (let from = 0; from < waiting.length; from += atOnce)
      await this.#sightings.seen(waiting.slice(from, from + atOnce)).catch((error: unknown) => errors.push(error))
    if (errors.length > 0) this.#onError(errors[0])
    for (const [userId, at] of written) if (this.#ofUser.get(userId) === at) this.#ofUser.delete(userId)
  }
}
