import type { Account, Accounts } from '@godwit/server/ports/accounts.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newUserId } from './talk.ts'

function account(rest: Partial<Account> = {}): Account {
  const userId = rest.userId ?? newUserId()
  const profile = {
    name: userId.toLowerCase(),
    displayName: 'Zoë 李 🐦',
    readReceipts: true,
    showLastSeen: false,
    createdAt: 1_714_000_000_000,
  }
  return { userId, ...profile, passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', subject: null, ...rest }
}

/** The contract of `Accounts`, for any backend. */
export function accountsConformance(name: string, open: Open<Accounts>): void {
  describe(`Accounts: ${name}`, () => {
    const accounts = openOnce(open)

    test('an account is found as it was created, by name, subject and id', async () => {
      const own = account()
      const outside = account({ passwordHash: null, subject: `https://id.example|${newUserId()}` })
      expect(await accounts().create(own)).toBe(true)
      expect(await accounts().create(outside)).toBe(true)
      expect(await accounts().byName(own.name)).toEqual(own)
      expect(await accounts().bySubject(outside.subject ?? '')).toEqual(outside)
      expect(await accounts().byIds([outside.userId, newUserId(), own.userId])).toEqual([outside, null, own])
      expect(await accounts().byName(`${own.name}x`)).toBeNull()
      expect(await accounts().bySubject('https://id.example|nobody')).toBeNull()
      expect(await accounts().byIds([])).toEqual([])
    })

    test('a name is taken once, also by many at the same moment', async () => {
      const wanted = newUserId().toLowerCase()
      const rivals = Array.from({ length: 10 }, () => account({ name: wanted }))
      const answers = await Promise.all(rivals.map((rival) => accounts().create(rival)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await accounts().byName(wanted)).toEqual(rivals[answers.indexOf(true)])
      const losers = rivals.filter((_, index) => !answers[index])
      expect(await accounts().byIds(losers.map(({ userId }) => userId))).toEqual(losers.map(() => null))
    })

    test('a user of an outside issuer is provisioned once; own users have no subject in common', async () => {
      const subject = `https://id.example|${newUserId()}`
      const answers = await Promise.all(Array.from({ length: 5 }, () => accounts().create(account({ subject, passwordHash: null }))))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await accounts().create(account({ subject: null }))).toBe(true)
      expect(await accounts().create(account({ subject: null }))).toBe(true)
    })

    test('a change touches what it names', async () => {
      const one = account()
      await accounts().create(one)
      await accounts().update(one.userId, { displayName: 'Zoë van Dijk', readReceipts: false })
      await accounts().update(one.userId, {})
      expect(await accounts().byName(one.name)).toEqual({ ...one, displayName: 'Zoë van Dijk', readReceipts: false })
      await accounts().update(one.userId, { passwordHash: null, showLastSeen: true })
      expect(await accounts().byName(one.name)).toMatchObject({ passwordHash: null, showLastSeen: true, displayName: 'Zoë van Dijk' })
      await accounts().update(newUserId(), { displayName: 'nobody' })
    })

    test('a block is one-sided, and setting it twice is setting it once', async () => {
      const [ana, bo, chidi] = [newUserId(), newUserId(), newUserId()]
      await accounts().setBlock(ana, bo, true)
      await accounts().setBlock(ana, bo, true)
      await accounts().setBlock(ana, chidi, true)
      expect([...(await accounts().blocksOf(ana))].sort()).toEqual([bo, chidi].sort())
      expect(await accounts().blocksOf(bo)).toEqual([])
      await accounts().setBlock(ana, bo, false)
      await accounts().setBlock(ana, bo, false)
      expect(await accounts().blocksOf(ana)).toEqual([chidi])
    })
  })
}
