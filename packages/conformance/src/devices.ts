import type { DeviceRecord, Devices, RefreshState } from '@godwit/server/ports/accounts.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newDeviceId, newUserId } from './talk.ts'

export function device(rest: Partial<DeviceRecord> = {}): DeviceRecord {
  const times = { createdAt: 1_000, lastSeenAt: null, revokedAt: null, rotatedAt: 1_000, expiresAt: 9_000 }
  return {
    deviceId: newDeviceId(),
    userId: newUserId(),
    name: 'Firefox, Zoë’s phone 📱',
    refreshHash: 'aa',
    previousHashes: [],
    ...times,
    ...rest,
  }
}

const next = (refreshHash: string, previousHash: string): RefreshState => ({
  refreshHash,
  previousHashes: [previousHash],
  rotatedAt: 2_000,
  expiresAt: 12_000,
})

/** The contract of `Devices`, for any backend. */
export function devicesConformance(name: string, open: Open<Devices>): void {
  describe(`Devices: ${name}`, () => {
    const devices = openOnce(open)

    test('a device is found as it was added', async () => {
      const one = device({ lastSeenAt: 1_500, previousHashes: ['99', '88'] })
      await devices().add(one)
      expect(await devices().get(one.deviceId)).toEqual(one)
      expect(await devices().get(newDeviceId())).toBeNull()
    })

    test('a user’s devices come oldest first, without revoked ones', async () => {
      const userId = newUserId()
      const [second, first, third] = [2_000, 1_000, 3_000].map((createdAt) => device({ userId, createdAt }))
      for (const one of [second, first, third]) if (one) await devices().add(one)
      await devices().add(device())
      await devices().revoke(third?.deviceId ?? newDeviceId(), 5_000)
      expect(await devices().ofUser(userId)).toEqual([first, second])
    })

    test('[T3] of rotations that race from one token one wins', async () => {
      const one = device()
      await devices().add(one)
      const hashes = ['b0', 'b1', 'b2', 'b3', 'b4']
      const answers = await Promise.all(hashes.map((hash) => devices().rotate(one.deviceId, 'aa', next(hash, 'aa'))))
      expect(answers.filter(Boolean)).toHaveLength(1)
      const winner = hashes[answers.indexOf(true)] ?? ''
      expect(await devices().get(one.deviceId)).toEqual({ ...one, ...next(winner, 'aa') })
      expect(await devices().rotate(one.deviceId, 'aa', next('cc', 'aa'))).toBe(false)
      expect(await devices().rotate(one.deviceId, winner, next('cc', winner))).toBe(true)
    })

    test('[T3] a revoked device rotates no more, and the first revocation stands', async () => {
      const one = device()
      await devices().add(one)
      await devices().revoke(one.deviceId, 5_000)
      await devices().revoke(one.deviceId, 6_000)
      expect(await devices().rotate(one.deviceId, 'aa', next('bb', 'aa'))).toBe(false)
      expect(await devices().get(one.deviceId)).toEqual({ ...one, revokedAt: 5_000 })
      expect(await devices().rotate(newDeviceId(), 'aa', next('bb', 'aa'))).toBe(false)
    })

    test('[T3] of many devices those are told apart that are not signed in: revoked, erased or never there', async () => {
      const gone = newUserId()
      const [phone, laptop, lost, erased] = [device(), device(), device(), device({ userId: gone })]
      for (const one of [phone, laptop, lost, erased]) await devices().add(one)
      await devices().revoke(lost.deviceId, 5_000)
      await devices().erase(gone)
      const unknown = newDeviceId()
      const asked = [phone, lost, erased, laptop].map(({ deviceId }) => deviceId)
      expect([...(await devices().signedOut([...asked, unknown]))].sort()).toEqual([lost.deviceId, erased.deviceId, unknown].sort())
      expect(await devices().signedOut([phone.deviceId, laptop.deviceId])).toEqual([])
      expect(await devices().signedOut([])).toEqual([])
    })
  })
}
