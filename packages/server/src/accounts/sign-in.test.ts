import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { describe, expect, test } from 'vitest'
import { anyRefreshToken, type DeviceRecord } from '../ports/accounts.ts'
import { createSignIn } from './sign-in.ts'
import { address, openAccounts, password } from './testing/open-accounts.ts'

const refusedAs = (code: string) => expect.objectContaining({ code })
const graceMs = limits.refreshReuseGraceS * 1000

describe('register and log in', () => {
  test('a name is one name in every case and compatibility form', async () => {
    const { signIn, register } = await openAccounts()
    const { userId } = await register('Zoe.Limosa')
    await expect(register('ZOE.limosa')).rejects.toEqual(refusedAs('NAME_TAKEN'))
    await expect(register('ｚｏｅ.limosa')).rejects.toEqual(refusedAs('NAME_TAKEN'))
    expect((await signIn.login({ name: ' Zoe.Limosa ', password }, address)).userId).toBe(userId)
  })

  test('two who register one name at the same moment: one gets it', async () => {
    const { register } = await openAccounts()
    const outcomes = await Promise.allSettled([register('mireille'), register('mireille')])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('a password typed in another Unicode composition is the same password', async () => {
    const { signIn, register } = await openAccounts()
    await register('jurgen')
    await expect(signIn.login({ name: 'jurgen', password: password.normalize('NFD') }, address)).resolves.toBeDefined()
  })

  test.each(['', '-a', 'a b', '名前', 'a'.repeat(33), 'a/../b', '__proto__'])('%j is no login name', async (name) => {
    const { register } = await openAccounts()
    await expect(register(name)).rejects.toEqual(refusedAs('BAD_REQUEST'))
  })

  test('a closed server registers nobody', async () => {
    const { register } = await openAccounts({ registrationOpen: false })
    await expect(register('ada')).rejects.toEqual(refusedAs('REGISTRATION_CLOSED'))
  })

  test('each login is a device; beyond the limit the one unused for longest is signed out', async () => {
    const { signIn, register, devices, authenticate, clock } = await openAccounts()
    const first = await register('ada')
    for (let n = 1; n < limits.devicesPerUserMax; n++) {
      clock.advance(1_000)
      await devices.add({
        deviceId: `d_phone${n}`,
        userId: first.userId,
        name: 'phone',
        createdAt: clock.now(),
        lastSeenAt: null,
        revokedAt: null,
        refreshHash: `hash${n}`,
        previousHashes: [],
        rotatedAt: clock.now(),
        expiresAt: clock.now() + 1e9,
      })
    }
    await signIn.login({ name: 'ada', password }, address)
    expect(await devices.ofUser(first.userId)).toHaveLength(limits.devicesPerUserMax)
    await expect(authenticate(first.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })
})

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2))

describe('[T21] who exists is not told', () => {
  test('a wrong password and an unknown name get the same answer, and cost the same work', { timeout: 30_000 }, async () => {
    const pairs = 24
    const { signIn, register } = await openAccounts()
    const [hits, misses]: [number[], number[]] = [[], []]
    const guess = async (name: string, times: number[]) => {
      const begin = performance.now()
      const error = await signIn.login({ name, password: 'not the password' }, address).catch((refusal) => refusal)
      times.push(performance.now() - begin)
      return { code: error.code, message: error.message, detail: error.detail }
    }
    await guess('nobody', [])
    for (let n = 0; n < pairs; n++) {
      // A name has few guesses: a new one for each five. Who goes first of a pair changes.
      if (n % 5 === 0) await register(`grace${n}`)
      const hit = () => guess(`grace${n - (n % 5)}`, hits)
      const miss = () => guess(`nobody${n}`, misses)
      const answers = n % 2 === 0 ? [await hit(), await miss()] : [await miss(), await hit()]
      expect(answers[0]).toEqual(answers[1])
    }
    // A miss that skipped the hash would take a hundredth, and one that did a little less would show in Welch's t: 4.5 is where
    // dudect (Reparaz et al., 2017) calls two distributions different.
    expect(mean(misses)).toBeGreaterThan(mean(hits) / 3)
    expect(Math.abs(mean(hits) - mean(misses)) / Math.sqrt((variance(hits) + variance(misses)) / pairs)).toBeLessThan(4.5)
  })

  test('guessing ends at the budget of the name, also when the guesses run side by side, and comes back with time', async () => {
    const { signIn, register, clock } = await openAccounts()
    await register('katherine')
    const guesses = Array.from({ length: 20 }, (_, n) => signIn.login({ name: 'katherine', password: `guess ${n}` }, address))
    const codes = (await Promise.allSettled(guesses)).map((guess) => (guess.status === 'rejected' ? guess.reason.code : 'in'))
    expect(codes.filter((code) => code === 'BAD_CREDENTIALS')).toHaveLength(limits.loginFailuresPerNameMax)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(20 - limits.loginFailuresPerNameMax)
    clock.advance(limits.loginFailureWindowS * 1000)
    await expect(signIn.login({ name: 'katherine', password }, address)).resolves.toBeDefined()
  })

  test('an address that fails for many names runs out at loginFailuresPerAddressMax, and another does not', async () => {
    const { accounts, devices, clock } = openMemory()
    const unused = (): never => {
      throw new Error('nobody gets this far')
    }
    const signIn = createSignIn({
      accounts,
      devices,
      clock,
      ownDevices: { makeRoom: unused, signOut: unused, list: unused, revoke: unused },
      passwords: { hash: unused, verify: async () => false },
      accessTokens: { issue: unused, verify: unused },
      refreshTokens: { make: unused, read: unused },
      newUserId: unused,
      newDeviceId: unused,
      registrationOpen: true,
      registrationsPerAddressPerHour: 1,
    })
    const guess = (n: number, from: string) => signIn.login({ name: `name${n}`, password }, from)
    for (let n = 0; n < limits.loginFailuresPerAddressMax; n++)
      await expect(guess(n, address)).rejects.toEqual(refusedAs('BAD_CREDENTIALS'))
    const over = expect.objectContaining({ code: 'RATE_LIMITED', detail: 'loginFailuresPerAddressMax' })
    await expect(guess(9_999, address)).rejects.toEqual(over)
    await expect(guess(9_999, '203.0.113.9')).rejects.toEqual(refusedAs('BAD_CREDENTIALS'))
  })

  test('logging in well does not use the budget up', async () => {
    const { signIn, register } = await openAccounts()
    await register('mary')
    for (let n = 0; n < limits.loginFailuresPerNameMax + 2; n++) await signIn.login({ name: 'mary', password }, address)
  })
})

describe('[T3] refresh tokens rotate', () => {
  test('each is for one use; the next one works, and keeps the device', async () => {
    const { signIn, register } = await openAccounts()
    const first = await register('ada')
    const second = await signIn.refresh(first.refreshToken)
    const third = await signIn.refresh(second.refreshToken)
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3)
    expect(third.deviceId).toBe(first.deviceId)
  })

  test('an answer that was lost is given again within the grace', async () => {
    const { signIn, register, clock } = await openAccounts()
    const { refreshToken } = await register('ada')
    const lost = await signIn.refresh(refreshToken)
    clock.advance(graceMs)
    const again = await signIn.refresh(refreshToken)
    expect(again.refreshToken).toBe(lost.refreshToken)
    await expect(signIn.refresh(again.refreshToken)).resolves.toBeDefined()
  })

  test('an answer that was lost is given again at any time to who names the attempt, and to nobody else', async () => {
    const { signIn, register, clock } = await openAccounts()
    const { refreshToken } = await register('ada')
    const lost = await signIn.refresh(refreshToken, 'in the tunnel under the Øresund')
    clock.advance(60 * 60 * 1000)
    const again = await signIn.refresh(refreshToken, 'in the tunnel under the Øresund')
    expect(again.refreshToken).toBe(lost.refreshToken)
    await expect(signIn.refresh(refreshToken, 'the guess of a thief')).rejects.toEqual(refusedAs('REFRESH_REUSED'))
    await expect(signIn.refresh(again.refreshToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })

  test('a copy of an attempt that comes when its answer has been used gets nothing, and signs nobody out', async () => {
    const { signIn, register, authenticate } = await openAccounts()
    const { refreshToken } = await register('ada')
    const second = await signIn.refresh(refreshToken, 'the first attempt of all')
    const third = await signIn.refresh(second.refreshToken, 'the second attempt of all')
    await expect(signIn.refresh(refreshToken, 'the first attempt of all')).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    await expect(authenticate(third.accessToken)).resolves.toBeDefined()
    await expect(signIn.refresh(refreshToken, 'the guess of a thief')).rejects.toEqual(refusedAs('REFRESH_REUSED'))
  })

  test('[T3] a copy that waited through many renewals of an application that was closed and opened again signs nobody out', async () => {
    const { signIn, register, authenticate } = await openAccounts()
    const first = await register('ada')
    let last = await signIn.refresh(first.refreshToken, 'in the lift of the hotel')
    const renew = async (times: number) => {
      for (let n = 0; n < times; n++) last = await signIn.refresh(last.refreshToken, `opened again, ${n}`)
    }
    await renew(limits.refreshHashesMax)
    await expect(signIn.refresh(first.refreshToken, 'in the lift of the hotel')).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    await expect(authenticate(last.accessToken)).resolves.toBeDefined()
    await renew(1)
    await expect(signIn.refresh(first.refreshToken, 'in the lift of the hotel')).rejects.toEqual(refusedAs('REFRESH_REUSED'))
  })

  test('a copy that is still being read while the answer to the same attempt is used signs nobody out', async () => {
    const { signIn, register, authenticate, devices } = await openAccounts()
    const { refreshToken } = await register('ada')
    const second = await signIn.refresh(refreshToken, 'on the ferry to Rømø')
    const { get } = devices
    const isUsed = Promise.withResolvers<void>()
    let reads = 0
    devices.get = async (deviceId) => {
      if (reads++ === 1) await isUsed.promise
      return get(deviceId)
    }
    const copy = signIn.refresh(refreshToken, 'on the ferry to Rømø')
    copy.catch(() => {})
    await new Promise(setImmediate)
    devices.get = get
    const third = await signIn.refresh(second.refreshToken, 'back on the mainland')
    isUsed.resolve()
    await expect(copy).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    await expect(authenticate(third.accessToken)).resolves.toBeDefined()
  })

  test('two tabs that refresh at the same moment get the same successor', async () => {
    const { signIn, register } = await openAccounts()
    const { refreshToken } = await register('ada')
    const [one, other] = await Promise.all([signIn.refresh(refreshToken), signIn.refresh(refreshToken)])
    expect(one.refreshToken).toBe(other.refreshToken)
  })

  test('one that is used again after the grace was copied: the device is signed out for thief and owner', async () => {
    const { signIn, register, clock, authenticate, revoked } = await openAccounts()
    const { refreshToken, deviceId } = await register('ada')
    const owner = await signIn.refresh(refreshToken)
    clock.advance(graceMs + 1)
    await expect(signIn.refresh(refreshToken)).rejects.toEqual(refusedAs('REFRESH_REUSED'))
    await expect(signIn.refresh(owner.refreshToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    await expect(authenticate(owner.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    expect(revoked).toEqual([deviceId])
  })

  test('one from two rotations ago is reuse at once', async () => {
    const { signIn, register } = await openAccounts()
    const { refreshToken } = await register('ada')
    await signIn.refresh((await signIn.refresh(refreshToken)).refreshToken)
    await expect(signIn.refresh(refreshToken)).rejects.toEqual(refusedAs('REFRESH_REUSED'))
  })

  test('one that somebody made up signs nobody out', async () => {
    const { signIn, register, authenticate } = await openAccounts()
    const tokens = await register('ada')
    const forged = `${tokens.deviceId}.0.${'A'.repeat(43)}`
    for (const text of [forged, `${tokens.refreshToken}x`, tokens.refreshToken.replace('.0.', '.1.'), '', '..', 'd_x.0.', '💥'])
      await expect(signIn.refresh(text)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    await expect(authenticate(tokens.accessToken)).resolves.toBeDefined()
  })

  test('an unused one ends after its lifetime', async () => {
    const { signIn, register, clock } = await openAccounts()
    const { refreshToken } = await register('ada')
    clock.advance(limits.refreshTokenLifetimeS * 1000)
    await expect(signIn.refresh(refreshToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })
})

describe('[T3] after a restore the store knows older tokens than the devices hold', () => {
  async function restored(generations: number) {
    const opened = await openAccounts()
    const tokens = [await opened.register('ada')]
    for (let n = 0; n < generations; n++) tokens.push(await opened.signIn.refresh(tokens.at(-1)?.refreshToken ?? ''))
    const { deviceId } = tokens[0] as (typeof tokens)[0]
    const { refreshHash, ...state } = (await opened.devices.get(deviceId)) as DeviceRecord
    await opened.devices.rotate(deviceId, refreshHash, { ...state, refreshHash: anyRefreshToken })
    return { ...opened, deviceId, tokens: tokens.map(({ refreshToken }) => refreshToken) }
  }

  test('the device goes on with the token it holds, in several tabs too, and a copied older one signs it out', async () => {
    const { signIn, tokens, clock } = await restored(3)
    const held = tokens.at(-1) ?? ''
    const [one, other] = await Promise.all([signIn.refresh(held), signIn.refresh(held)])
    expect(other.refreshToken).toBe(one.refreshToken)
    await expect(signIn.refresh(one.refreshToken)).resolves.toBeDefined()
    clock.advance(graceMs + 1)
    await expect(signIn.refresh(tokens[1] ?? '')).rejects.toEqual(refusedAs('REFRESH_REUSED'))
  })

  test('whoever uses a copied older token first is found out when the device comes', async () => {
    const { signIn, tokens, clock, revoked, deviceId } = await restored(3)
    await signIn.refresh(tokens[0] ?? '')
    clock.advance(graceMs + 1)
    await expect(signIn.refresh(tokens.at(-1) ?? '')).rejects.toEqual(refusedAs('REFRESH_REUSED'))
    expect(revoked).toEqual([deviceId])
  })

  test('a token that nobody issued is still no token, and an expired device stays out', async () => {
    const { signIn, tokens, clock } = await restored(1)
    await expect(signIn.refresh(`${tokens[1]}x`)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    clock.advance(limits.refreshTokenLifetimeS * 1000 + 1)
    await expect(signIn.refresh(tokens[1] ?? '')).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })
})

describe('[T3] signing out', () => {
  test('a revoked device is refused at once and its sessions are told', async () => {
    const { signIn, register, authenticate, ownDevices, revoked } = await openAccounts()
    const phone = await register('ada')
    const laptop = await signIn.login({ name: 'ada', password, deviceName: 'laptop' }, address)
    const { principal } = await authenticate(laptop.accessToken)
    await authenticate(phone.accessToken)
    await ownDevices.revoke(principal, phone.deviceId)
    expect(revoked).toEqual([phone.deviceId])
    await expect(authenticate(phone.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    await expect(authenticate(laptop.accessToken)).resolves.toBeDefined()
    expect(await ownDevices.list(principal)).toEqual([expect.objectContaining({ name: 'laptop', current: true })])
  })

  test('[T7] a device of another user cannot be revoked', async () => {
    const { register, authenticate, ownDevices } = await openAccounts()
    const [ada, eve] = [await register('ada'), await register('eve')]
    const { principal } = await authenticate(eve.accessToken)
    await expect(ownDevices.revoke(principal, ada.deviceId)).rejects.toEqual(refusedAs('FORBIDDEN'))
    await expect(ownDevices.revoke(principal, 'd_unknown')).rejects.toEqual(refusedAs('FORBIDDEN'))
    await expect(authenticate(ada.accessToken)).resolves.toBeDefined()
  })

  test('[T3] a node that missed the hint refuses soon, so that who comes back meanwhile is found within the promised delay', async () => {
    const { register, authenticate, devices, clock } = await openAccounts()
    const { accessToken, deviceId } = await register('ada')
    await authenticate(accessToken)
    await devices.revoke(deviceId, clock.now())
    clock.advance(limits.deviceStandingStaleMs)
    await expect(authenticate(accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })

  test('a new password signs every other device out and replaces the old one', async () => {
    const { signIn, register, authenticate } = await openAccounts()
    const phone = await register('ada')
    const laptop = await signIn.login({ name: 'ada', password }, address)
    const { principal } = await authenticate(laptop.accessToken)
    await expect(signIn.changePassword(principal, { password: 'guess', newPassword: 'another one' })).rejects.toEqual(
      refusedAs('BAD_CREDENTIALS'),
    )
    await signIn.changePassword(principal, { password, newPassword: 'correct horse battery' })
    await expect(authenticate(phone.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    await expect(authenticate(laptop.accessToken)).resolves.toBeDefined()
    await expect(signIn.login({ name: 'ada', password }, address)).rejects.toEqual(refusedAs('BAD_CREDENTIALS'))
    await expect(signIn.login({ name: 'ada', password: 'correct horse battery' }, address)).resolves.toBeDefined()
  })
})

describe('when the store fails in the middle', () => {
  test('[T3] a password is not changed before the other devices are signed out, so that a retry finishes both', async () => {
    const { signIn, register, devices, authenticate } = await openAccounts()
    const first = await register('noor')
    const stolen = await signIn.login({ name: 'noor', password }, address)
    const { principal } = await authenticate(first.accessToken)
    const change = { password, newPassword: 'Watt en wad 7' }
    const { revoke } = devices
    devices.revoke = () => Promise.reject(new Error('the process was killed'))
    await expect(signIn.changePassword(principal, change)).rejects.toThrow('killed')
    devices.revoke = revoke
    await signIn.changePassword(principal, change)
    await expect(authenticate(stolen.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    await expect(signIn.login({ name: 'noor', password: change.newPassword }, address)).resolves.toBeDefined()
  })

  test('[T21] a login that could not be judged is no failed guess', async () => {
    const { signIn, register, accounts } = await openAccounts()
    await register('noor')
    const { byName } = accounts
    accounts.byName = () => Promise.reject(new GodwitError('OVERLOADED'))
    for (let n = 0; n <= limits.loginFailuresPerNameMax; n++)
      await expect(signIn.login({ name: 'noor', password }, address)).rejects.toEqual(refusedAs('OVERLOADED'))
    accounts.byName = byName
    await expect(signIn.login({ name: 'noor', password }, address)).resolves.toBeDefined()
  })
})
