import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { DeviceRecord, Devices } from '@godwit/server/ports/accounts.ts'
import type { Disk } from './disk.ts'

export function memoryDevices(disk: Disk): Devices {
  const change = (device: DeviceRecord, changed: Partial<DeviceRecord>) => disk.devices.set(device.deviceId, { ...device, ...changed })

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
    async rotate(deviceId, expected, { refreshHash, previousHashes, rotatedAt, expiresAt }) {
      const device = disk.devices.get(deviceId)
      if (!device || device.revokedAt !== null || device.refreshHash !== expected) return false
      change(device, { refreshHash, previousHashes, rotatedAt, expiresAt })
      return true
    },
    async revoke(deviceId, at) {
      const device = disk.devices.get(deviceId)
      if (device?.revokedAt !== null) return
      change(device, { revokedAt: at })
      disk.signOuts.push(deviceId)
    },
    signOutPosition: async () => disk.signOuts.length,
    async signOutsAfter(position) {
      const deviceIds = disk.signOuts.slice(position, position + limits.signOutsAtOnceMax)
      return { deviceIds, position: position + deviceIds.length }
    },
    async erase(userId) {
      const owned = [...disk.devices.values()].filter((device) => device.userId === userId)
      for (const { deviceId, revokedAt } of owned) {
        disk.devices.delete(deviceId)
        if (revokedAt === null) disk.signOuts.push(deviceId)
      }
      return owned.map(({ deviceId }) => deviceId)
    },
  }
}
