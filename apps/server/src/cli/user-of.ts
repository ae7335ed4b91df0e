import { isUserId } from '@godwit/protocol/ids.ts'
import { normalName } from '@godwit/server/accounts/sign-in.ts'
import type { Account } from '@godwit/server/ports/accounts.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { CliError } from './output.ts'

/** By id or login name: in this order, for a name may look like somebody's id. */
export async function userOf({ accounts }: Pick<Ports, 'accounts'>, user: string): Promise<Account> {
  const [byId] = isUserId(user) ? await accounts.byIds([user]) : []
  const account = byId ?? (await accounts.byName(normalName(user)))
  if (!account) throw new CliError('NO_USER', `There is no user ${user}. An erased one is known by id alone.`)
  return account
}
