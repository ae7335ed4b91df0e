/** Puts the account services together from the ports. */
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Accounts, Devices } from '../ports/accounts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Clock } from '../ports/clock.ts'
import type { Vault } from '../ports/vault.ts'
import { createAccessTokens } from './access-tokens.ts'
import { type Authenticate, createAuthenticate } from './authenticate.ts'
import { createDeviceStanding } from './device-standing.ts'
import { createOutsideUsers, type OutsideIssuer } from './outside-issuer.ts'
import { createOwnDevices, type OwnDevices } from './own-devices.ts'
import { createPasswords } from './passwords.ts'
import { createProfiles, type Profiles } from './profiles.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { createSignIn, type SignIn } from './sign-in.ts'

export interface AccountServices {
  readonly authenticate: Authenticate
  readonly signIn: SignIn
  readonly ownDevices: OwnDevices
  readonly profiles: Profiles
}

export interface AccountServicesDeps {
  readonly accounts: Accounts
  readonly devices: Devices
  readonly vault: Vault
  readonly bus: Bus
  readonly clock: Clock
  /** Cryptographically strong. */
  readonly randomBytes: (size: number) => Buffer
  readonly passwordHashesAtOnce: number
  readonly registrationOpen: boolean
  readonly registrationsPerAddressPerHour: number
  readonly outsideIssuer: OutsideIssuer | null
}

export async function createAccountServices(deps: AccountServicesDeps): Promise<AccountServices> {
  const { accounts, devices, bus, clock, vault, randomBytes } = deps
  const newUserId = (): UserId => `u_${randomBytes(16).toString('base64url')}`
  const newDeviceId = (): DeviceId => `d_${randomBytes(16).toString('base64url')}`
  const secret = async (name: string) =>
    Buffer.from(await vault.getOrCreate(name, () => randomBytes(32).toString('base64url')), 'base64url')

  const accessTokens = createAccessTokens({ key: await secret('access-token-key'), clock })
  const ownDevices = createOwnDevices({ devices, bus, clock })
  const issuer = deps.outsideIssuer
  const outside = issuer && { issuer: issuer.issuer, ...createOutsideUsers({ issuer, accounts, devices, ownDevices, clock, newUserId }) }
  return {
    authenticate: createAuthenticate({ own: accessTokens, outside, standing: createDeviceStanding({ devices, bus, clock }) }),
    ownDevices,
    profiles: createProfiles({ accounts, bus, clock }),
    signIn: createSignIn({
      accounts,
      devices,
      ownDevices,
      passwords: createPasswords({ randomBytes, atOnce: deps.passwordHashesAtOnce }),
      accessTokens,
      refreshTokens: createRefreshTokens(await secret('refresh-token-key')),
      clock,
      newUserId,
      newDeviceId,
      registrationOpen: deps.registrationOpen,
      registrationsPerAddressPerHour: deps.registrationsPerAddressPerHour,
    }),
  }
}
