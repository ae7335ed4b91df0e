import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'

/**
 * Users and what belongs to one user alone. Devices and refresh tokens are the `Devices` port.
 *
 * Contract, proven by `conformance/accounts.ts`: a name is taken once, also when two register it at the same moment; a user of
 * an outside issuer is provisioned once. Names arrive normalised (lower case).
 */
export interface Accounts {
  /** False when the name or the outside subject is taken. */
  create(account: Account): Promise<boolean>
  byName(name: string): Promise<Account | null>
  bySubject(subject: string): Promise<Account | null>
  /** In the order asked; null where there is none. */
  byIds(userIds: readonly UserId[]): Promise<readonly (Account | null)[]>
  update(userId: UserId, change: AccountChange): Promise<void>
  setBlock(userId: UserId, blockedId: UserId, blocked: boolean): Promise<void>
  blocksOf(userId: UserId): Promise<readonly UserId[]>
  /**
   * Leaves of an account its id under a pseudonym: neither password, subject and settings nor any block of it or on it. The name is
   * free again. From here on `Devices.add` refuses this user, and `update` and `setBlock` do nothing for it. Idempotent. Throws, and
   * changes nothing, where the pseudonym is somebody's name.
   */
  erase(userId: UserId, pseudonym: Pseudonym): Promise<void>
}

/** What others are shown in the place of somebody whose account was erased; `at` in Unix ms. */
export interface Pseudonym {
  readonly name: string
  readonly displayName: string
  readonly at: number
}

export interface Account {
  readonly userId: UserId
  readonly name: string
  readonly displayName: string
  /** argon2id in PHC form; null for users of an outside issuer. */
  readonly passwordHash: string | null
  /** `issuer|subject` of an outside issuer; null for own users. */
  readonly subject: string | null
  readonly readReceipts: boolean
  readonly showLastSeen: boolean
  readonly createdAt: number
  /** Unix ms; absent while there is somebody behind the account. */
  readonly erasedAt?: number
}

export type AccountChange = Partial<Pick<Account, 'displayName' | 'passwordHash' | 'readReceipts' | 'showLastSeen'>>

/**
 * Devices and their rotating refresh tokens.
 *
 * Contract, proven by `conformance/devices.ts`: `rotate` is atomic; of two calls with the same `expected` hash one wins.
 */
export interface Devices {
  /** Throws UNAUTHENTICATED for a user who was erased. */
  add(device: DeviceRecord): Promise<void>
  get(deviceId: DeviceId): Promise<DeviceRecord | null>
  /** Not revoked ones, oldest first. */
  ofUser(userId: UserId): Promise<readonly DeviceRecord[]>
  /** Replaces the refresh token iff its hash is `expected` and the device is not revoked; answers whether it did. */
  rotate(deviceId: DeviceId, expected: string, next: RefreshState): Promise<boolean>
  revoke(deviceId: DeviceId, at: number): Promise<void>
  /** How far the log of sign-outs has come. A process that asks once may go on from there for as long as it lives. */
  signOutPosition(): Promise<number>
  /** Devices that were revoked or erased after `position`, in the order in which that was stored. Sees all that was answered before (T3). */
  signOutsAfter(position: number): Promise<SignOutPage>
  /** Removes every device of a user, revoked ones too; answers which. */
  erase(userId: UserId): Promise<readonly DeviceId[]>
}

/** `signOutsAtOnceMax` devices at most, and the position to go on from: the one that was given when there are none. */
export interface SignOutPage {
  readonly deviceIds: readonly DeviceId[]
  readonly position: number
}

/**
 * In the place of the hash after a restore: the device may hold a later token than the one that was on record, so the first of its
 * genuine tokens to come is taken for the current one.
 */
export const anyRefreshToken = 'any'

export interface RefreshState {
  /** Hash of the current refresh token, hex, or `anyRefreshToken`; never the token. */
  readonly refreshHash: string
  /** Hashes of those before, newest first, `refreshHashesMax` at most: met again, by who knows no attempt, they mean theft. */
  readonly previousHashes: readonly string[]
  /** Unix ms. */
  readonly rotatedAt: number
  readonly expiresAt: number
}

export interface DeviceRecord extends RefreshState {
  readonly deviceId: DeviceId
  readonly userId: UserId
  readonly name: string
  readonly createdAt: number
  /** By `Sightings`. */
  readonly lastSeenAt: number | null
  readonly revokedAt: number | null
}
