import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import type { Account } from '@godwit/server/ports/accounts.ts'
import { expect, test } from 'vitest'
import { userOf } from './user-of.ts'

const rest = { displayName: '', passwordHash: null, subject: null, readReceipts: true, showLastSeen: true, createdAt: 0 }
const zoe: Account = { userId: 'u_mGq0VbkvYvRkTsMmXBB1xQ', name: 'zoë', ...rest }
/** Took the id of somebody else as a login name, which has no capitals. */
const squatter: Account = { userId: 'u_x7Wb2_4pQkR9sT1uV3wX5y', name: 'u_mgq0vbkvyvrktsmmxbb1xq', ...rest }

test('[T16] an id means the user who has it, whoever took it as a login name', async () => {
  const { accounts } = openMemory()
  for (const account of [zoe, squatter]) await accounts.create(account)
  expect(await userOf({ accounts }, zoe.userId)).toEqual(zoe)
  expect(await userOf({ accounts }, squatter.name)).toEqual(squatter)
  expect(await userOf({ accounts }, ' Zoë ')).toEqual(zoe)
  await expect(userOf({ accounts }, 'bo')).rejects.toEqual(expect.objectContaining({ code: 'NO_USER' }))
})
