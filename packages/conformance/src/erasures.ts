import type { Account, DeviceRecord } from '@godwit/server/ports/accounts.ts'
import type { ErasureProgress } from '@godwit/server/ports/erasures.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newConversationId, newDeviceId, newUserId } from './talk.ts'

const at = 1_714_000_000_000
const refusedAs = (code: string) => expect.objectContaining({ code })

function account(): Account {
  const userId = newUserId()
  return {
    userId,
    name: `zoe-${userId.slice(2, 14).toLowerCase()}`,
    displayName: 'Zoë 李 🐦',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    subject: `https://id.example|${userId}`,
    readReceipts: true,
    showLastSeen: true,
    createdAt: at,
  }
}

function deviceOf({ userId }: Account): DeviceRecord {
  const times = { createdAt: 1_000, lastSeenAt: 1_500, revokedAt: null, rotatedAt: 1_000, expiresAt: 9_000 }
  return { deviceId: newDeviceId(), userId, name: 'Zoë’s phone 📱', refreshHash: 'aa', previousHashes: [], ...times }
}

const pseudonymOf = ({ userId }: Account) => ({ name: `erased-${userId.slice(2)}`.toLowerCase(), displayName: 'Deleted user', at })

/** The contract of `Erasures`, and of what it needs of `Accounts` and `Devices`, for any backend. */
export function erasuresConformance(name: string, open: Open<Ports>): void {
  describe(`Erasures: ${name}`, () => {
    const ports = openOnce(open)

    test('an erasure is pending from its request to its end, and asked for once', async () => {
      const { erasures } = ports()
      const [one, other] = [newUserId(), newUserId()]
      expect(await erasures.get(one)).toBeNull()
      await erasures.request(one, at)
      await erasures.request(other, at - 5)
      await erasures.request(one, at + 9)
      const begun = { requestedAt: at, conversationId: null, seq: 0, messages: 0, doneAt: null }
      expect(await erasures.get(one)).toEqual({ userId: one, ...begun })
      const mine = async () => (await erasures.pending()).map(({ userId }) => userId).filter((id) => id === one || id === other)
      expect(await mine()).toEqual([one, other])

      const progress: ErasureProgress = { conversationId: newConversationId(), seq: 512, messages: 40, doneAt: null }
      await erasures.advance(one, progress)
      expect(await erasures.get(one)).toEqual({ userId: one, requestedAt: at, ...progress })
      await erasures.advance(one, { ...progress, doneAt: at + 60 })
      await erasures.request(one, at + 99)
      expect(await erasures.get(one)).toEqual({ userId: one, requestedAt: at, ...progress, doneAt: at + 60 })
      expect(await mine()).toEqual([other])
      await erasures.advance(newUserId(), progress)
    })

    test('of an erased account its id is left, under a pseudonym, and the name is free', async () => {
      const { accounts } = ports()
      const [zoe, bo] = [account(), account()]
      for (const one of [zoe, bo]) await accounts.create(one)
      await accounts.setBlock(zoe.userId, bo.userId, true)
      await accounts.setBlock(bo.userId, zoe.userId, true)
      await accounts.erase(zoe.userId, pseudonymOf(zoe))
      await accounts.erase(zoe.userId, { ...pseudonymOf(zoe), displayName: 'a second time', at: at + 1 })

      const { name, displayName } = pseudonymOf(zoe)
      const [left, other] = await accounts.byIds([zoe.userId, bo.userId])
      const nothing = { passwordHash: null, subject: null, readReceipts: false, showLastSeen: false, createdAt: 0 }
      expect(left).toEqual({ userId: zoe.userId, name, displayName, ...nothing, erasedAt: at })
      expect(other).toEqual(bo)
      expect(await accounts.byName(zoe.name)).toBeNull()
      expect(await accounts.bySubject(zoe.subject ?? '')).toBeNull()
      expect(await accounts.blocksOf(zoe.userId)).toEqual([])
      expect(await accounts.blocksOf(bo.userId)).toEqual([])
      expect(await accounts.create({ ...zoe, userId: newUserId() })).toBe(true)
      await accounts.erase(newUserId(), { ...pseudonymOf(zoe), name: 'erased-nobody' })
    })

    test('what was under way gives an erased account nothing back: no name, no password, no block', async () => {
      const { accounts } = ports()
      const [zoe, bo] = [account(), account()]
      for (const one of [zoe, bo]) await accounts.create(one)
      await accounts.erase(zoe.userId, pseudonymOf(zoe))
      const [erased] = await accounts.byIds([zoe.userId])
      await accounts.update(zoe.userId, { displayName: 'Zoë van Dijk', passwordHash: 'hash', readReceipts: true, showLastSeen: true })
      await accounts.setBlock(zoe.userId, bo.userId, true)
      expect(await accounts.byIds([zoe.userId])).toEqual([erased])
      expect(await accounts.blocksOf(zoe.userId)).toEqual([])
    })

    test('a pseudonym that is somebody’s name is refused, and the account is as it was', async () => {
      const { accounts } = ports()
      const [zoe, bo] = [account(), account()]
      for (const one of [zoe, bo]) await accounts.create(one)
      await accounts.setBlock(zoe.userId, bo.userId, true)
      await expect(accounts.erase(zoe.userId, { ...pseudonymOf(zoe), name: bo.name })).rejects.toThrow()
      expect(await accounts.byIds([zoe.userId, bo.userId])).toEqual([zoe, bo])
      expect(await accounts.blocksOf(zoe.userId)).toEqual([bo.userId])
    })

    test('[T3] of an erased user no device is left and none is added, whatever log-in was under way', async () => {
      const { accounts, devices, sightings } = ports()
      const [zoe, bo] = [account(), account()]
      for (const one of [zoe, bo]) await accounts.create(one)
      const [phone, lost, other] = [deviceOf(zoe), deviceOf(zoe), deviceOf(bo)]
      for (const one of [phone, lost, other]) await devices.add(one)
      await devices.revoke(lost.deviceId, 2_000)
      await accounts.erase(zoe.userId, pseudonymOf(zoe))
      await expect(devices.add(deviceOf(zoe))).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
      expect([...(await devices.erase(zoe.userId))].sort()).toEqual([phone.deviceId, lost.deviceId].sort())
      expect(await devices.erase(zoe.userId)).toEqual([])
      expect(await devices.get(phone.deviceId)).toBeNull()
      expect(await devices.ofUser(zoe.userId)).toEqual([])
      expect(await sightings.lastSeen([zoe.userId])).toEqual([null])
      expect(await devices.rotate(phone.deviceId, 'aa', { ...phone, refreshHash: 'bb', previousHashes: ['aa'] })).toBe(false)
      expect(await devices.get(other.deviceId)).toEqual(other)
    })
  })
}
