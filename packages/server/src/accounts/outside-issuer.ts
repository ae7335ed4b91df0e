/**
 * Bring your own users: access tokens of an outside issuer are accepted, and their users provisioned at first sight.
 *
 * A user is `issuer|sub`. A device is the token's `sid` (session id), or one per user where the issuer sends none; `jti` is of no
 * use here, because each renewed token would be a new device. A device that was signed out stays so for every token issued before;
 * a token issued later signs in again, as a device of its own.
 */
import { createHash } from 'node:crypto'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { userNamePattern } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { displayName } from '@godwit/protocol/scalars.ts'
import type { CryptoKey, JWTPayload, JWTVerifyGetKey } from 'jose'
import { JOSEError, JWTExpired } from 'jose/errors'
import { jwtVerify } from 'jose/jwt/verify'
import type { Account, Accounts, DeviceRecord, Devices } from '../ports/accounts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Authenticated } from './access-tokens.ts'
import type { OwnDevices } from './own-devices.ts'

export interface OutsideIssuer {
  readonly issuer: string
  readonly audience: string
  /** A shared key, or a look-up in the issuer's JWKS at the URL of the configuration; never at one that a token names (T4). */
  readonly key: Uint8Array | CryptoKey | JWTVerifyGetKey
  /** Algorithms this kind of key is for: HS256 for a shared key, asymmetric ones for a JWKS. */
  readonly algorithms: readonly string[]
  /** Claim with the name to show. */
  readonly displayNameClaim: string
}

export interface OutsideUsersDeps {
  readonly issuer: OutsideIssuer
  readonly accounts: Accounts
  readonly devices: Devices
  readonly ownDevices: Pick<OwnDevices, 'makeRoom'>
  readonly clock: Clock
  readonly newUserId: () => UserId
}

/** Verifies tokens of the issuer. Throws TOKEN_EXPIRED or UNAUTHENTICATED. */
export function createOutsideUsers({ issuer, accounts, devices, ownDevices, clock, newUserId }: OutsideUsersDeps) {
  const provisionings = new Map<string, Promise<Authenticated['principal']>>()

  async function verify(token: string): Promise<Authenticated> {
    const options = {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: limits.tokenLeewayS,
      currentDate: new Date(clock.now()),
    }
    const { payload } = await (typeof issuer.key === 'function'
      ? jwtVerify(token, issuer.key, options)
      : jwtVerify(token, issuer.key, options)
    ).catch(refuse)
    return { principal: await principalOf(payload), expiresAt: ((payload.exp as number) + limits.tokenLeewayS) * 1000 }
  }

  /** One provisioning at a time for one subject and session; its requests at the same moment share it. */
  function principalOf(claims: JWTPayload): Promise<Authenticated['principal']> {
    const key = JSON.stringify([claims.sub, claims.sid])
    const running = provisionings.get(key)
    if (running) return running
    const provisioning = provision(claims).finally(() => provisionings.delete(key))
    provisionings.set(key, provisioning)
    return provisioning
  }

  async function provision(claims: JWTPayload): Promise<Authenticated['principal']> {
    const { sub, sid } = claims
    if (typeof sub !== 'string' || sub === '' || sub.length > limits.subjectCharsMax) throw new GodwitError('UNAUTHENTICATED')
    const subject = `${issuer.issuer}|${sub}`
    const { userId } = (await accounts.bySubject(subject)) ?? (await createAccount(subject, claims))
    const session = typeof sid === 'string' ? `${subject}|sid|${sid}` : subject
    return { userId, deviceId: await deviceFor(userId, session, claims.iat ?? 0) }
  }

  async function createAccount(subject: string, claims: JWTPayload): Promise<Account> {
    const made = `user-${digest(subject).slice(0, 20).toLowerCase()}`
    const wanted = textOf(claims.preferred_username).toLowerCase()
    for (const name of [wanted, made].filter((candidate) => userNamePattern.test(candidate))) {
      const account: Account = {
        userId: newUserId(),
        name,
        displayName: displayName.safeParse(textOf(claims[issuer.displayNameClaim])).data ?? name,
        passwordHash: null,
        subject,
        readReceipts: true,
        showLastSeen: true,
        createdAt: clock.now(),
      }
      if (await accounts.create(account)) return account
      const other = await accounts.bySubject(subject)
      if (other) return other
    }
    throw new Error(`no free name for ${subject}`)
  }

  async function deviceFor(userId: UserId, session: string, issuedAtS: number): Promise<DeviceId> {
    let id: DeviceId = `d_${digest(session)}`
    for (let step = 0; step < limits.devicesPerUserMax; step++) {
      const device = (await devices.get(id)) ?? (await addDevice(id, userId))
      if (device.revokedAt === null || issuedAtS * 1000 <= device.revokedAt) return id
      id = `d_${digest(id)}`
    }
    return id
  }

  async function addDevice(deviceId: DeviceId, userId: UserId): Promise<DeviceRecord> {
    await ownDevices.makeRoom(userId)
    const now = clock.now()
    const device: DeviceRecord = {
      deviceId,
      userId,
      name: issuer.issuer.slice(0, limits.deviceNameCharsMax),
      createdAt: now,
      lastSeenAt: null,
      revokedAt: null,
      refreshHash: '',
      previousHashes: [],
      rotatedAt: now,
      expiresAt: Number.MAX_SAFE_INTEGER,
    }
    try {
      await devices.add(device)
      return device
    } catch (error) {
      // Another node may have added it at the same moment.
      const other = await devices.get(deviceId)
      if (other) return other
      throw error
    }
  }

  return { verify }
}

/** Turns what jose throws about a token into the errors of the table. */
function refuse(error: unknown): never {
  if (error instanceof JWTExpired) throw new GodwitError('TOKEN_EXPIRED')
  if (error instanceof JOSEError) throw new GodwitError('UNAUTHENTICATED')
  throw error
}

/** Claims are JSON of somebody else: where a text belongs there may be anything. */
const textOf = (claim: unknown) => (typeof claim === 'string' ? claim : '')
const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 27)
