import { limits } from '@godwit/protocol/limits.ts'
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

    test('[T3] devices that were revoked or erased are named in that order, to whoever asks from a position before', async () => {
      const gone = newUserId()
      const [phone, lost, erased, late] = [device(), device(), device({ userId: gone }), device()]
      for (const one of [phone, lost, erased, late]) await devices().add(one)
      const position = await devices().signOutPosition()
      expect(await devices().signOutsAfter(position)).toEqual({ deviceIds: [], position })
      await devices().revoke(lost.deviceId, 5_000)
      await devices().revoke(lost.deviceId, 6_000)
      await devices().erase(gone)
      await devices().erase(gone)
      const both = await devices().signOutsAfter(position)
      expect(both.deviceIds).toEqual([lost.deviceId, erased.deviceId])
      await devices().revoke(late.deviceId, 7_000)
      const rest = await devices().signOutsAfter(both.position)
      expect(rest.deviceIds).toEqual([late.deviceId])
      expect(await devices().signOutsAfter(rest.position)).toEqual({ deviceIds: [], position: rest.position })
      expect(await devices().signOutPosition()).toBe(rest.position)
    })

    test('[T3][L9] an erasure names no device again that was signed out before', async () => {
      const userId = newUserId()
      const [lost, held] = [device({ userId }), device({ userId })]
      for (const one of [lost, held]) await devices().add(one)
      await devices().revoke(lost.deviceId, 5_000)
      const position = await devices().signOutPosition()
      expect([...(await devices().erase(userId))].sort()).toEqual([lost.deviceId, held.deviceId].sort())
      expect((await devices().signOutsAfter(position)).deviceIds).toEqual([held.deviceId])
    })

    test('[T3][L9] many that were signed out at once are named page by page, each once', async () => {
      const position = await devices().signOutPosition()
      const userId = newUserId()
      const owned = Array.from({ length: limits.signOutsAtOnceMax + 1 }, () => device({ userId }))
      for (const one of owned) await devices().add(one)
      await devices().erase(userId)
      const [first, again] = [await devices().signOutsAfter(position), await devices().signOutsAfter(position)]
      expect(again).toEqual(first)
      const rest = await devices().signOutsAfter(first.position)
      expect([first, rest].map(({ deviceIds }) => deviceIds.length)).toEqual([limits.signOutsAtOnceMax, 1])
      expect([...first.deviceIds, ...rest.deviceIds].sort()).toEqual(owned.map(({ deviceId }) => deviceId).sort())
    })
  })
}
