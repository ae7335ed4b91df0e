/** Who people are: one's own profile and privacy, finding others by exact name, blocking. */
import type { Me, MePatch } from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { UserProfile } from '@godwit/protocol/summary.ts'
import type { Principal } from '../chat/chat.ts'
import type { Account, AccountChange, Accounts } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'
import { createBudget, perWindow } from './budget.ts'
import { normalName } from './sign-in.ts'

export interface Profiles {
  me(principal: Principal): Promise<Me>
  change(principal: Principal, patch: MePatch): Promise<Me>
  /** Exact name only, within budgets of the user, of the address and of all (T21): one profile or none. */
  byName(principal: Principal, name: string, address: string): Promise<readonly UserProfile[]>
  /** Those that exist, in the order asked. User ids are random, so that they cannot be enumerated. */
  byIds(userIds: readonly UserId[]): Promise<readonly UserProfile[]>
  blocks(principal: Principal): Promise<readonly UserProfile[]>
  /** Throws FORBIDDEN where there is no such user, LIMIT_REACHED beyond `blocksPerUserMax`. Idempotent. */
  setBlock(principal: Principal, otherId: UserId, blocked: boolean): Promise<void>
}

export interface ProfilesDeps {
  readonly accounts: Accounts
  readonly bus: Bus
  readonly clock: Clock
}

export function createProfiles({ accounts, bus, clock }: ProfilesDeps): Profiles {
  const lookupsOfUser = createBudget(clock, perWindow('lookupsPerUserPerHourMax', limits.lookupsPerUserPerHourMax, 60 * 60))
  const lookupsOfAddress = createBudget(clock, perWindow('lookupsPerAddressPerHourMax', limits.lookupsPerAddressPerHourMax, 60 * 60))
  const lookups = createBudget(clock, perWindow('lookupsPerHourMax', limits.lookupsPerHourMax, 60 * 60))

  async function own(userId: UserId): Promise<Account> {
    const [account] = await accounts.byIds([userId])
    if (!account) throw new GodwitError('UNAUTHENTICATED')
    return account
  }

  async function me({ userId, deviceId }: Principal): Promise<Me> {
    const account = await own(userId)
    return { ...profileOf(account), deviceId, privacy: { readReceipts: account.readReceipts, lastSeen: account.showLastSeen } }
  }

  return {
    me,
    async change(principal, { displayName, privacy }) {
      const change: AccountChange = {
        ...(displayName !== undefined && { displayName }),
        ...(privacy?.readReceipts !== undefined && { readReceipts: privacy.readReceipts }),
        ...(privacy?.lastSeen !== undefined && { showLastSeen: privacy.lastSeen }),
      }
      await accounts.update(principal.userId, change)
      bus.publish({ type: 'profile-changed', userId: principal.userId })
      return me(principal)
    },
    async byName({ userId }, name, address) {
      lookupsOfUser.take(userId)
      lookupsOfAddress.take(address)
      lookups.take('all')
      const account = await accounts.byName(normalName(name))
      return account ? [profileOf(account)] : []
    },
    async byIds(userIds) {
      const found = await accounts.byIds(userIds)
      return found.flatMap((account) => (account ? [profileOf(account)] : []))
    },
    async blocks({ userId }) {
      const found = await accounts.byIds(await accounts.blocksOf(userId))
      return found.flatMap((account) => (account ? [profileOf(account)] : []))
    },
    async setBlock({ userId }, otherId, blocked) {
      if (blocked) {
        const [other] = await accounts.byIds([otherId])
        if (!other || otherId === userId) throw new GodwitError('FORBIDDEN')
        const held = await accounts.blocksOf(userId)
        if (held.length >= limits.blocksPerUserMax && !held.includes(otherId)) throw new GodwitError('LIMIT_REACHED', 'blocksPerUserMax')
      }
      await accounts.setBlock(userId, otherId, blocked)
      bus.publish({ type: 'block-changed', userId, otherId })
    },
  }
}

/** What others may see of an account; the only way from a record to the wire (T8). */
export function profileOf({ userId, name, displayName }: Account): UserProfile {
  return { userId, name, displayName }
}
