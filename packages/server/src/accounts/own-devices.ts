/** A user's devices: list them, sign one out. */

import type { Device } from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Principal } from '../chat/chat.ts'
import type { DeviceRecord, Devices } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'

export interface OwnDevices {
  list(principal: Principal): Promise<readonly Device[]>
  /** Throws FORBIDDEN for a device that is not the principal's own. */
  revoke(principal: Principal, deviceId: DeviceId): Promise<void>
  /** Revokes, and tells every node: HTTP refuses at once, sockets close within `revocationDelayMsMax` (T3). */
  signOut(deviceId: DeviceId): Promise<void>
  /** Signs out the devices unused for longest, so that one more fits into `devicesPerUserMax`. */
  makeRoom(userId: UserId): Promise<void>
}

export interface OwnDevicesDeps {
  readonly devices: Devices
  readonly bus: Bus
  readonly clock: Clock
}

export function createOwnDevices({ devices, bus, clock }: OwnDevicesDeps): OwnDevices {
  async function signOut(deviceId: DeviceId): Promise<void> {
    await devices.revoke(deviceId, clock.now())
    bus.publish({ type: 'device-revoked', deviceId })
  }

  return {
    signOut,
    async list({ userId, deviceId }) {
      const now = clock.now()
      return (await devices.ofUser(userId))
        .filter((device) => device.expiresAt > now)
        .map((device) => ({
          deviceId: device.deviceId,
          name: device.name,
          createdAt: device.createdAt,
          lastSeenAt: device.lastSeenAt,
          current: device.deviceId === deviceId,
        }))
    },
    async revoke({ userId }, deviceId) {
      const device = await devices.get(deviceId)
      if (device?.userId !== userId) throw new GodwitError('FORBIDDEN')
      await signOut(deviceId)
    },
    async makeRoom(userId) {
      const held = [...(await devices.ofUser(userId))].sort((a, b) => lastUse(a) - lastUse(b))
      for (const device of held.slice(0, Math.max(0, held.length - limits.devicesPerUserMax + 1))) await signOut(device.deviceId)
    },
  }
}

const lastUse = (device: DeviceRecord) => Math.max(device.lastSeenAt ?? 0, device.rotatedAt, device.createdAt)
