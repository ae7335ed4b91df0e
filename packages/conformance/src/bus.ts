import type { Bus, Hint } from '@godwit/server/ports/bus.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newDeviceId, newUserId } from './talk.ts'

/** The contract of `Bus`, for any backend. */
export function busConformance(name: string, open: Open<Bus>): void {
  describe(`Bus: ${name}`, () => {
    const bus = openOnce(open)

    test('a node hears its own hints, on every subscription', async () => {
      const hint: Hint = { type: 'device-revoked', deviceId: newDeviceId() }
      const heard = [0, 1].map(() => new Promise<Hint>((resolve) => bus().subscribe(resolve)))
      bus().publish(hint)
      expect(await Promise.all(heard)).toEqual([hint, hint])
    })

    test('publish answers before anybody hears', async () => {
      const order: string[] = []
      const heard = new Promise<void>((resolve) =>
        bus().subscribe(() => {
          order.push('heard')
          resolve()
        }),
      )
      bus().publish({ type: 'profile-changed', userId: newUserId() })
      order.push('published')
      await heard
      expect(order).toEqual(['published', 'heard'])
    })
  })
}
