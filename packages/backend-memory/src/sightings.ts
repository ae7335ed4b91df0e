import type { DeviceRecord } from '@godwit/server/ports/accounts.ts'
import type { Sightings } from '@godwit/server/ports/sightings.ts'
import type { Disk } from './disk.ts'

export function memorySightings(disk: Disk): Sightings {
  const seenAt = (device: DeviceRecord) => device.lastSeenAt ?? Number.NEGATIVE_INFINITY

  return {
    async seen(sightings) {
      for (const { deviceId, at } of sightings) {
        const device = disk.devices.get(deviceId)
        if (device && at > seenAt(device)) disk.devices.set(deviceId, { ...device, lastSeenAt: at })
      }
    },
    async lastSeen(userIds) {
      return userIds.map((userId) => {
        const latest = Math.max(...[...disk.devices.values()].filter((device) => device.userId === userId).map(seenAt))
        return Number.isFinite(latest) ? latest : null
      })
    },
  }
}
