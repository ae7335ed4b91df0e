/**
 * Hears of devices that are signed out (T3): by the hint, which comes at once and may be lost, and from the store's log of them, which is
 * read on every `signOutsIntervalMs`, whatever became of the hint and however many devices are live.
 */
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { createInTime, type InTime } from '../chat/in-time.ts'
import type { Devices } from '../ports/accounts.ts'
import type { Clock, Timer } from '../ports/clock.ts'

export interface SignOutsDeps {
  readonly clock: Clock
  readonly devices: Pick<Devices, 'signOutsAfter'>
  /** `Devices.signOutPosition`, taken before the first token was checked: who is found signed in later is found signed out from here. */
  readonly position: number
  /** More than once for the same device. */
  readonly onSignedOut: (deviceId: DeviceId) => void
  readonly onError: (error: unknown) => void
}

export class SignOuts {
  readonly #deps: SignOutsDeps
  readonly #inTime: InTime
  #position: number
  #isStopped = false
  #askTimer: Timer
  #forgetTimer: Timer
  /** Two generations, so that each device is known for one to two times `signOutsKeptMs`. As many as are signed out by then. */
  #recent = new Set<DeviceId>()
  #older: ReadonlySet<DeviceId> = new Set()

  constructor(deps: SignOutsDeps) {
    this.#deps = deps
    this.#inTime = createInTime(deps.clock)
    this.#position = deps.position
    this.#askTimer = this.#askLater()
    this.#forgetTimer = this.#forgetLater()
  }

  stop(): void {
    this.#isStopped = true
    this.#askTimer.cancel()
    this.#forgetTimer.cancel()
  }

  heard(deviceId: DeviceId): void {
    this.#recent.add(deviceId)
    try {
      this.#deps.onSignedOut(deviceId)
    } catch (error) {
      // Others were signed out with it.
      this.#deps.onError(error)
    }
  }

  /** Signed out a moment ago, so that an answer from before it may still be on its way. */
  isRecent(deviceId: DeviceId): boolean {
    return this.#recent.has(deviceId) || this.#older.has(deviceId)
  }

  /** On time, also while an earlier question waits for a store that does not answer: each gives up by itself. */
  #askLater(): Timer {
    return this.#deps.clock.setTimer(limits.signOutsIntervalMs, () => {
      this.#askTimer = this.#askLater()
      this.#ask().catch(this.#deps.onError)
    })
  }

  async #ask(): Promise<void> {
    for (let isMore = true; isMore && !this.#isStopped; ) {
      const { deviceIds, position } = await this.#inTime(() => this.#deps.devices.signOutsAfter(this.#position))
      for (const deviceId of deviceIds) this.heard(deviceId)
      // Where it is not, this was the last page, or another question has been answered sooner and goes on by itself.
      isMore = position > this.#position
      if (isMore) this.#position = position
    }
  }

  #forgetLater(): Timer {
    return this.#deps.clock.setTimer(limits.signOutsKeptMs, () => {
      this.#forgetTimer = this.#forgetLater()
      this.#older = this.#recent
      this.#recent = new Set()
    })
  }
}
