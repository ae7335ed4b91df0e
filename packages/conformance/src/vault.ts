import type { Vault } from '@godwit/server/ports/vault.ts'
import { describe, expect, test } from 'vitest'
import { type Open, openOnce } from './suite.ts'
import { newUserId } from './talk.ts'

/** The contract of `Vault`, for any backend. */
export function vaultConformance(name: string, open: Open<Vault>): void {
  describe(`Vault: ${name}`, () => {
    const vault = openOnce(open)

    test('the first value stands, and all callers get it, also at the same moment', async () => {
      const secret = `token-key-${newUserId()}`
      const values = await Promise.all(Array.from({ length: 10 }, (_, index) => vault().getOrCreate(secret, () => `key ${index}`)))
      expect(new Set(values).size).toBe(1)
      const never = () => {
        throw new Error('there is a value')
      }
      expect(await vault().getOrCreate(secret, never)).toBe(values[0])
      expect(await vault().getOrCreate(`${secret}-2`, () => 'another')).toBe('another')
    })
  })
}
