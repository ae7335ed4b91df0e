import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceRecord, Devices } from '@godwit/server/ports/accounts.ts'
import type { Disk } from './disk.ts'

export function memoryDevices(disk: Disk): Devices {
  const change = (device: DeviceRecord, changed: Partial<DeviceRecord>) => disk.devices.set(device.deviceId, { ...device, ...changed })
  const seenAt = (device: DeviceRecord) => device.lastSeenAt ?? Number.NEGATIVE_INFINITY

  return {
    async add(device) {
      if (disk.accounts.get(device.userId)?.erasedAt !== undefined) throw new GodwitError('UNAUTHENTICATED')
      if (disk.devices.has(device.deviceId)) throw new Error(`device ${device.deviceId} exists`)
      disk.devices.set(device.deviceId, { ...device })
    },
    get: async (deviceId) => disk.devices.get(deviceId) ?? null,
    ofUser: async (userId) =>
      [...disk.devices.values()]
        .filter((device) => device.userId === userId && device.revokedAt === null)
        .sort((a, b) => a.createdAt - b.createdAt),
    async rotate(deviceId, expected, { refreshHash, previousHash, rotatedAt, expiresAt }) {
      const device = disk.devices.get(deviceId)
      if (!device || device.revokedAt !== null || device.refreshHash !== expected) return false
      change(device, { refreshHash, previousHash, rotatedAt, expiresAt })
      return true
    },
    async revoke(deviceId, at) {
      const device = disk.devices.get(deviceId)
      if (device && device.revokedAt === null) change(device, { revokedAt: at })
    },
    async seen(sightings) {
      for (const { deviceId, at } of sightings) {
        const device = disk.devices.get(deviceId)
        if (device && at > seenAt(device)) change(device, { lastSeenAt: at })
      }
    },
    async lastSeen(userIds) {
      return userIds.map((userId) => {
        const latest = Math.max(...[...disk.devices.values()].filter((device) => device.userId === userId).map(seenAt))
        return Number.isFinite(latest) ? latest : null
      })
    },
    async erase(userId) {
      const ids = [...disk.devices.values()].filter((device) => device.userId === userId).map(({ deviceId }) => deviceId)
      for (const id of ids) disk.devices.delete(id)
      return ids
    },
  }
}
