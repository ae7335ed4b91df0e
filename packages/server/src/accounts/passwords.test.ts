import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const password = 'Prärie-Läufer 鷸 7'
const randomBytes = (size: number) => Buffer.alloc(size, 7)

test('a hash is argon2id in PHC form, and tells right from wrong', async () => {
  const passwords = createPasswords({ randomBytes, atOnce: 1 })
  const stored = await passwords.hash(password)
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(await passwords.verify(password, stored)).toBe(true)
  expect(await passwords.verify(`${password} `, stored)).toBe(false)
})

test('a hash made with other parameters is still understood (RFC 9106, by the reference implementation)', async () => {
  const passwords = createPasswords({ randomBytes, atOnce: 1 })
  const stored = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
  expect(await passwords.verify('password', stored)).toBe(true)
  expect(await passwords.verify('passwort', stored)).toBe(false)
})

test('[T21] nobody has the right password', async () => {
  expect(await createPasswords({ randomBytes, atOnce: 1 }).verify(password, null)).toBe(false)
})

test('[L9] what does not fit into the queue is refused at once; what waits is done', async () => {
  const passwords = createPasswords({ randomBytes, atOnce: 1 })
  const cheap = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
  const attempts = Array.from({ length: limits.passwordHashesQueueMax + 3 }, () => passwords.verify(password, cheap))
  const outcomes = await Promise.allSettled(attempts)
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.map(({ reason }) => reason.code)).toEqual(['OVERLOADED', 'OVERLOADED'])
})
