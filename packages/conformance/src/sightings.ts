import type { Ports } from '@godwit/server/ports/ports.ts'
import { describe, expect, test } from 'vitest'
import { device } from './devices.ts'
import { type Open, openOnce } from './suite.ts'
import { newDeviceId, newUserId } from './talk.ts'

/** The contract of `Sightings`, for any backend. */
export function sightingsConformance(name: string, open: Open<Ports>): void {
  describe(`Sightings: ${name}`, () => {
    const ports = openOnce(open)

    test('[L10] last seen only moves forward, and is the latest of all devices', async () => {
      const { devices, sightings } = ports()
      const userId = newUserId()
      const [phone, laptop] = [device({ userId }), device({ userId })]
      await devices.add(phone)
      await devices.add(laptop)
      expect(await sightings.lastSeen([userId])).toEqual([null])
      await sightings.seen([
        { deviceId: phone.deviceId, at: 7_000 },
        { deviceId: laptop.deviceId, at: 4_000 },
        { deviceId: newDeviceId(), at: 9_000 },
      ])
      await sightings.seen([{ deviceId: phone.deviceId, at: 6_000 }])
      expect((await devices.get(phone.deviceId))?.lastSeenAt).toBe(7_000)
      expect(await sightings.lastSeen([newUserId(), userId])).toEqual([null, 7_000])
      await sightings.seen([])
    })
  })
}
