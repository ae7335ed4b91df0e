/**
 * Finds the live devices that were signed out, also where the hint of it was lost or its sender never learned that the revocation is
 * stored (T3): the store is asked every `deviceSweepMs`, once for `deviceSweepBatchMax` devices, one question after another.
 */
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { createInTime, type InTime } from '../chat/in-time.ts'
import type { Devices } from '../ports/accounts.ts'
import type { Clock, Timer } from '../ports/clock.ts'

export interface DeviceSweepDeps {
  readonly clock: Clock
  readonly devices: Pick<Devices, 'signedOut'>
  /** Those with a session. */
  readonly live: () => Iterable<DeviceId>
  readonly onSignedOut: (deviceId: DeviceId) => void
  readonly onError: (error: unknown) => void
}

export class DeviceSweep {
  readonly #deps: DeviceSweepDeps
  readonly #inTime: InTime
  #timer: Timer

  constructor(deps: DeviceSweepDeps) {
    this.#deps = deps
    this.#inTime = createInTime(deps.clock)
    this.#timer = this.#later()
  }

  stop(): void {
    this.#timer.cancel()
  }

  /** On time, also while an earlier sweep waits for a store that does not answer: each gives up by itself. */
  #later(): Timer {
    return this.#deps.clock.setTimer(limits.deviceSweepMs, () => {
      this.#timer = this.#later()
      this.#sweep().catch(this.#deps.onError)
    })
  }

  async #sweep(): Promise<void> {
    const { devices, live, onSignedOut } = this.#deps
    const deviceIds = [...live()]
    for (let from = 0; from < deviceIds.length; from += limits.deviceSweepBatchMax) {
      const asked = deviceIds.slice(from, from + limits.deviceSweepBatchMax)
      for (const deviceId of await this.#inTime(() => devices.signedOut(asked))) onSignedOut(deviceId)
    }
  }
}
