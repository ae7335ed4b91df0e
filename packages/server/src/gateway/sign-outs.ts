/**
 * Hears of devices that are signed out (T3): by the hint, which comes at once and may be lost, and from the store, which is asked every
 * `signOutsIntervalMs` what was signed out since, whatever became of the hint and however many devices are live.
 */
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { createInTime, type InTime } from '../chat/in-time.ts'
import type { Devices } from '../ports/accounts.ts'
import type { Clock, Timer } from '../ports/clock.ts'

export interface SignOutsDeps {
  readonly clock: Clock
  readonly devices: Pick<Devices, 'signedOutAfter'>
  /** What `signedOutAfter(null)` answered before the first session was let in. */
  readonly position: number
  /** More than once for the same device. */
  readonly onSignedOut: (deviceId: DeviceId) => void
  readonly onError: (error: unknown) => void
}

export class SignOuts {
  readonly #deps: SignOutsDeps
  readonly #inTime: InTime
  #position: number
  #timer: Timer
  /** Heard of since the last turn, and in the turn before it. */
  #lately = new Set<DeviceId>()
  #earlier: ReadonlySet<DeviceId> = new Set()
  #turn: Timer

  constructor(deps: SignOutsDeps) {
    this.#deps = deps
    this.#inTime = createInTime(deps.clock)
    this.#position = deps.position
    this.#timer = this.#askLater()
    this.#turn = this.#turnLater()
  }

  stop(): void {
    this.#timer.cancel()
    this.#turn.cancel()
  }

  /** From the hint. */
  signedOut(deviceId: DeviceId): void {
    this.#lately.add(deviceId)
    this.#deps.onSignedOut(deviceId)
  }

  /** Signed out a moment ago, so that an answer from before it may still be on its way. */
  isRecent(deviceId: DeviceId): boolean {
    return this.#lately.has(deviceId) || this.#earlier.has(deviceId)
  }

  /** On time, also while an earlier question waits for a store that does not answer: each gives up by itself. */
  #askLater(): Timer {
    return this.#deps.clock.setTimer(limits.signOutsIntervalMs, () => {
      this.#timer = this.#askLater()
      this.#ask().catch(this.#deps.onError)
    })
  }

  async #ask(): Promise<void> {
    for (let isMore = true; isMore; ) {
      const { deviceIds, position } = await this.#inTime(() => this.#deps.devices.signedOutAfter(this.#position))
      // Of two questions under way, the one that was asked first may be answered last.
      this.#position = Math.max(this.#position, position)
      for (const deviceId of deviceIds) this.signedOut(deviceId)
      isMore = deviceIds.length > 0
    }
  }

  #turnLater(): Timer {
    return this.#deps.clock.setTimer(limits.signOutsKeptMs, () => {
      this.#turn = this.#turnLater()
      this.#earlier = this.#lately
      this.#lately = new Set()
    })
  }
}
