/**
 * Coming and going: register, log in, refresh, log out, change the password. Each login is a device of its own.
 */
import type { Tokens } from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { userNamePattern } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Principal } from '../chat/chat.ts'
import { type Account, type Accounts, anyRefreshToken, type DeviceRecord, type Devices } from '../ports/accounts.ts'
import type { Clock } from '../ports/clock.ts'
import type { AccessTokens } from './access-tokens.ts'
import { createBudget, perWindow } from './budget.ts'
import type { OwnDevices } from './own-devices.ts'
import type { Passwords } from './passwords.ts'
import type { RefreshToken, RefreshTokens } from './refresh-tokens.ts'

export interface SignIn {
  /** Throws NAME_TAKEN, REGISTRATION_CLOSED, RATE_LIMITED, BAD_REQUEST. */
  register(registration: Registration, address: string): Promise<Tokens>
  /** Throws BAD_CREDENTIALS, after the same work whether the name exists or not (T21), or RATE_LIMITED. */
  login(login: Login, address: string): Promise<Tokens>
  /**
   * Rotates. The answer may have been lost, so the token before the current one is answered with the same successor: at any time
   * to who names the attempt that the successor was made in, which nobody else knows; to others within `refreshReuseGraceS`. A
   * copy of such an attempt that comes when its answer has been used already is refused: UNAUTHENTICATED. Any other old token means
   * that it was copied, and signs the device out: REFRESH_REUSED (T3).
   */
  refresh(refreshToken: string, attemptId?: string): Promise<Tokens>
  logout(principal: Principal): Promise<void>
  /** Signs out every other device. Throws BAD_CREDENTIALS. */
  changePassword(principal: Principal, change: { readonly password: string; readonly newPassword: string }): Promise<void>
}

export interface Registration extends Login {
  readonly displayName?: string | undefined
}

export interface Login {
  readonly name: string
  readonly password: string
  readonly deviceName?: string | undefined
}

export interface SignInDeps {
  readonly accounts: Accounts
  readonly devices: Devices
  readonly ownDevices: OwnDevices
  readonly passwords: Passwords
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly clock: Clock
  readonly newUserId: () => UserId
  readonly newDeviceId: () => DeviceId
  readonly registrationOpen: boolean
  readonly registrationsPerAddressPerHour: number
}

export function createSignIn(deps: SignInDeps): SignIn {
  const { accounts, devices, ownDevices, passwords, accessTokens, refreshTokens, clock } = deps
  const registrations = createBudget(clock, perWindow('registrationsPerAddressPerHourMax', deps.registrationsPerAddressPerHour, 60 * 60))
  const failuresOfName = createBudget(
    clock,
    perWindow('loginFailuresPerNameMax', limits.loginFailuresPerNameMax, limits.loginFailureWindowS),
  )
  const failuresOfAddress = createBudget(
    clock,
    perWindow('loginFailuresPerAddressMax', limits.loginFailuresPerAddressMax, limits.loginFailureWindowS),
  )

  async function signIn(userId: UserId, deviceName: string | undefined): Promise<Tokens> {
    await ownDevices.makeRoom(userId)
    const now = clock.now()
    const first = refreshTokens.make(deps.newDeviceId(), 0)
    const device: DeviceRecord = {
      deviceId: first.deviceId,
      userId,
      name: deviceName ?? '',
      createdAt: now,
      lastSeenAt: null,
      revokedAt: null,
      refreshHash: first.hash,
      previousHashes: [],
      rotatedAt: now,
      expiresAt: now + limits.refreshTokenLifetimeS * 1000,
    }
    await devices.add(device)
    return answer(userId, first)
  }

  async function answer(userId: UserId, refresh: RefreshToken): Promise<Tokens> {
    const access = accessTokens.issue({ userId, deviceId: refresh.deviceId })
    return {
      userId,
      deviceId: refresh.deviceId,
      accessToken: access.token,
      accessTokenExpiresAt: access.expiresAt,
      refreshToken: refresh.text,
    }
  }

  /**
   * The account, if the password is right. What is taken from the budgets beforehand bounds guesses that run side by side; only
   * a wrong guess keeps it. The address pays first: one that has spent its budget must not spend that of a name.
   */
  async function prove(name: string, password: string, address: string | null): Promise<Account> {
    if (address !== null) failuresOfAddress.take(address)
    failuresOfName.take(name)
    let isWrong = false
    try {
      const account = await accounts.byName(name)
      const isRight = await passwords.verify(password, account?.passwordHash ?? null)
      if (isRight && account) return account
      isWrong = true
      throw new GodwitError('BAD_CREDENTIALS')
    } finally {
      if (!isWrong) {
        failuresOfName.giveBack(name)
        if (address !== null) failuresOfAddress.giveBack(address)
      }
    }
  }

  async function signOutOthers({ userId, deviceId }: Principal): Promise<void> {
    for (const other of await devices.ofUser(userId)) if (other.deviceId !== deviceId) await ownDevices.signOut(other.deviceId)
  }

  return {
    async register({ name, password, displayName, deviceName }, address) {
      if (!deps.registrationOpen) throw new GodwitError('REGISTRATION_CLOSED')
      const normal = normalName(name)
      if (!userNamePattern.test(normal))
        throw new GodwitError('BAD_REQUEST', 'name: 1 to 32 of a-z 0-9 . _ - beginning with a letter or digit')
      registrations.take(address)
      // Before the hash: a taken name costs a look-up, not 19 MiB of work. `create` decides between two at the same moment.
      if (await accounts.byName(normal)) throw new GodwitError('NAME_TAKEN')
      const account: Account = {
        userId: deps.newUserId(),
        name: normal,
        displayName: displayName ?? name.trim(),
        passwordHash: await passwords.hash(password),
        subject: null,
        readReceipts: true,
        showLastSeen: true,
        createdAt: clock.now(),
      }
      if (!(await accounts.create(account))) throw new GodwitError('NAME_TAKEN')
      return signIn(account.userId, deviceName)
    },

    async login({ name, password, deviceName }, address) {
      const account = await prove(normalName(name), password, address)
      return signIn(account.userId, deviceName)
    },

    async refresh(text, attemptId) {
      const given = refreshTokens.read(text)
      if (!given) throw new GodwitError('UNAUTHENTICATED')
      const next = refreshTokens.make(given.deviceId, given.generation + 1, attemptId)
      const now = clock.now()
      const device = await devices.get(given.deviceId)
      if (!device) throw new GodwitError('UNAUTHENTICATED')
      if (device.revokedAt !== null) throw new GodwitError('DEVICE_REVOKED')
      const current = device.refreshHash === anyRefreshToken ? anyRefreshToken : given.hash
      if (device.refreshHash === current && device.expiresAt <= now) throw new GodwitError('DEVICE_REVOKED')
      const rotated = await devices.rotate(given.deviceId, current, {
        refreshHash: next.hash,
        previousHashes: [given.hash, ...device.previousHashes].slice(0, limits.refreshHashesMax),
        rotatedAt: now,
        expiresAt: now + limits.refreshTokenLifetimeS * 1000,
      })
      if (rotated) return answer(device.userId, next)
      return answerAgain(given, next, attemptId !== undefined)
    },

    async logout({ deviceId }) {
      await ownDevices.signOut(deviceId)
    },

    async changePassword(principal, { password, newPassword }) {
      const [account] = await accounts.byIds([principal.userId])
      if (!account) throw new GodwitError('UNAUTHENTICATED')
      await prove(account.name, password, null)
      const passwordHash = await passwords.hash(newPassword)
      // Before the change, since after a crash in between the request can be repeated; and behind it, for who logged in meanwhile.
      await signOutOthers(principal)
      await accounts.update(principal.userId, { passwordHash })
      await signOutOthers(principal)
    },
  }

  /** For a token that is not the current one: read again, as another refresh may have won a moment ago. */
  async function answerAgain(given: RefreshToken, next: RefreshToken, knowsAttempt: boolean): Promise<Tokens> {
    const device = await devices.get(given.deviceId)
    if (!device || device.revokedAt !== null) throw new GodwitError('DEVICE_REVOKED')
    const fresh = knowsAttempt || clock.now() - device.rotatedAt <= limits.refreshReuseGraceS * 1000
    if (device.previousHashes[0] === given.hash && device.refreshHash === next.hash && fresh) return answer(device.userId, next)
    // A request that stood in a queue, while the same one sent again went through and later ones too: an application that is closed and
    // opened again and again renews each time. Who copied the token does not know the attempt that its successor was made in.
    if (knowsAttempt && device.previousHashes.includes(next.hash)) throw new GodwitError('UNAUTHENTICATED')
    await ownDevices.signOut(given.deviceId)
    throw new GodwitError('REFRESH_REUSED')
  }
}

/** A login name is compared without regard to case and compatibility forms. */
export function normalName(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase()
}
