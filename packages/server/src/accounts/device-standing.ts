/**
 * Whether a device is signed in, without a trip to the store for every request: answers are kept for
 * `deviceStandingStaleMs`, and dropped at once by the hint of a revocation. Live sessions are the gateway's (`sign-outs.ts`).
 */
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Principal } from '../chat/chat.ts'
import type { Devices } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'

export interface DeviceStanding {
  /** Throws DEVICE_REVOKED, or UNAUTHENTICATED where there is no such device of this user. */
  check(principal: Principal): Promise<void>
}

export interface DeviceStandingDeps {
  readonly devices: Devices
  readonly bus: Bus
  readonly clock: Clock
}

type Standing = { readonly userId: string; readonly revoked: boolean } | null

export function createDeviceStanding({ devices, bus, clock }: DeviceStandingDeps): DeviceStanding {
  const known = new Map<DeviceId, Promise<Standing>>()
  bus.subscribe((hint) => {
    if (hint.type === 'device-revoked') known.delete(hint.deviceId)
  })

  async function load(deviceId: DeviceId): Promise<Standing> {
    const device = await devices.get(deviceId)
    return device && { userId: device.userId, revoked: device.revokedAt !== null }
  }

  function standingOf(deviceId: DeviceId): Promise<Standing> {
    const cached = known.get(deviceId)
    if (cached) return cached
    // All go together, by a timer: a clock that is set keeps none of them longer.
    if (known.size === 0) clock.setTimer(limits.deviceStandingStaleMs, () => known.clear())
    const standing = load(deviceId)
    known.set(deviceId, standing)
    // A failed or empty answer is not kept: the device may be added a moment later.
    standing.then(
      (found) => found || known.delete(deviceId),
      () => known.delete(deviceId),
    )
    if (known.size > limits.deviceStandingsMax) known.delete(known.keys().next().value as DeviceId)
    return standing
  }

  return {
    async check({ userId, deviceId }) {
      const standing = await standingOf(deviceId)
      if (standing?.userId !== userId) throw new GodwitError('UNAUTHENTICATED')
      if (standing.revoked) throw new GodwitError('DEVICE_REVOKED')
    },
  }
}
