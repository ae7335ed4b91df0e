import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createAccountServices } from './create-account-services.ts'
import type { OutsideIssuer } from './outside-issuer.ts'
import { address, openAccounts, password } from './testing/open-accounts.ts'

const refusedAs = (code: string) => expect.objectContaining({ code })
const seconds = (ms: number) => Math.floor(ms / 1000)

describe('[T4] tokens that are not ours', () => {
  async function scene() {
    const opened = await openAccounts()
    const tokens = await opened.register('ada')
    const key = Buffer.from(await opened.vault.getOrCreate('access-token-key', () => ''), 'base64')
    const now = seconds(opened.clock.now())
    const claims = { did: tokens.deviceId, sub: tokens.userId, iss: 'godwit', aud: 'godwit', iat: now, exp: now + 900 }
    const sign = (change: object, header: object = {}, signingKey: Uint8Array = key) =>
      new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(signingKey)
    return { ...opened, tokens, claims, sign, now }
  }

  test('the control: the same claims signed as ours are accepted', async () => {
    const { authenticate, sign, tokens } = await scene()
    const { principal, expiresAt } = await authenticate(await sign({}))
    expect(principal).toEqual({ userId: tokens.userId, deviceId: tokens.deviceId })
    expect(expiresAt % 1000).toBe(0)
  })

  test('alg none', async () => {
    const { authenticate, claims } = await scene()
    await expect(authenticate(new UnsecuredJWT(claims).encode())).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('another key, another HMAC, another type', async () => {
    const { authenticate, sign } = await scene()
    for (const token of [await sign({}, {}, randomBytes(32)), await sign({}, { alg: 'HS512' }), await sign({}, { typ: 'JWT' })])
      await expect(authenticate(token)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('keys that a token names are never looked at', async () => {
    const { authenticate, sign } = await scene()
    const evil = randomBytes(32)
    const jwk = { kty: 'oct', k: evil.toString('base64url') }
    const kids = ['../../../../dev/null', '/dev/null', "' UNION SELECT 'x", '|id']
    for (const header of [{ jwk }, { jku: 'http://127.0.0.1:1/keys' }, { x5u: 'http://127.0.0.1:1/c' }, ...kids.map((kid) => ({ kid }))])
      await expect(authenticate(await sign({}, header, evil))).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('another issuer, another audience, none of them, or no such user, device or time', async () => {
    const { authenticate, sign, register, now } = await scene()
    const eve = await register('eve')
    const changes = [
      { iss: 'https://evil.example' },
      { aud: 'billing' },
      { iss: undefined },
      { aud: undefined },
      { exp: undefined },
      { exp: String(now + 900) },
      { nbf: now + 900 },
      { sub: undefined },
      { did: undefined },
      { did: { $ne: null } },
      { sub: ['u_x'] },
      { did: eve.deviceId },
      { did: 'd_unknown' },
    ]
    for (const change of changes) await expect(authenticate(await sign(change))).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('an expired one says so, so that the client renews it', async () => {
    const { authenticate, tokens, clock } = await scene()
    clock.advance(limits.accessTokenLifetimeS * 1000)
    await expect(authenticate(tokens.accessToken)).rejects.toEqual(refusedAs('TOKEN_EXPIRED'))
  })

  test.each(['', 'x', 'a.b.c', '..', 'eyJhbGciOiJIUzI1NiJ9.bnVsbA.x', '💥.💥.💥', 'a'.repeat(limits.tokenCharsMax + 1)])(
    '%j',
    async (text) => {
      const { authenticate } = await openAccounts()
      await expect(authenticate(text)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
    },
  )
})

describe('bring your own users', () => {
  const shared = randomBytes(32)
  const issuer: OutsideIssuer = {
    issuer: 'https://id.example.org',
    audience: 'chat',
    key: shared,
    algorithms: ['HS256'],
    displayNameClaim: 'name',
  }
  const tokenOf = (claims: object, now: number, key: Uint8Array = shared) =>
    new SignJWT({ iss: issuer.issuer, aud: 'chat', sub: '4711', name: '雨宮 ハル', iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(key)

  test('a user is provisioned at first sight, once, with the name of the claim', async () => {
    const { authenticate, accounts, clock } = await openAccounts({ outsideIssuer: issuer })
    const token = await tokenOf({ sid: 's1', preferred_username: 'Haru' }, seconds(clock.now()))
    const all = await Promise.all(Array.from({ length: 5 }, () => authenticate(token)))
    expect(new Set(all.map(({ principal }) => JSON.stringify(principal))).size).toBe(1)
    const [account] = await accounts.byIds([all[0]?.principal.userId as `u_${string}`])
    expect(account).toMatchObject({ name: 'haru', displayName: '雨宮 ハル', passwordHash: null })
  })

  test('a name that is taken is not taken over', async () => {
    const { authenticate, accounts, register, clock } = await openAccounts({ outsideIssuer: issuer })
    const own = await register('haru')
    const { principal } = await authenticate(await tokenOf({ preferred_username: 'haru' }, seconds(clock.now())))
    expect(principal.userId).not.toBe(own.userId)
    const [account] = await accounts.byIds([principal.userId])
    expect(account?.name).toMatch(/^user-/)
  })

  test('[T10] a claim that is no text is as none', async () => {
    const { authenticate, accounts, clock } = await openAccounts({ outsideIssuer: issuer })
    const odd = { toString: 1, length: { toString: 1 } }
    const token = await tokenOf({ name: odd, preferred_username: odd, sid: odd }, seconds(clock.now()))
    const { principal } = await authenticate(token)
    const [account] = await accounts.byIds([principal.userId])
    expect(account?.displayName).toBe(account?.name)
    await expect(authenticate(await tokenOf({ sub: odd }, seconds(clock.now())))).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('a device per session of the issuer, or one where it names none; a renewed token is no new device', async () => {
    const { authenticate, clock } = await openAccounts({ outsideIssuer: issuer })
    const deviceOf = async (claims: object) => (await authenticate(await tokenOf(claims, seconds(clock.now())))).principal.deviceId
    expect(await deviceOf({ sid: 'phone' })).not.toBe(await deviceOf({ sid: 'laptop' }))
    expect(await deviceOf({ jti: 'one' })).toBe(await deviceOf({ jti: 'two' }))
  })

  test('[T3] a device that was signed out stays out with its tokens; one issued later signs in anew', async () => {
    const { authenticate, ownDevices, clock } = await openAccounts({ outsideIssuer: issuer })
    const old = await tokenOf({}, seconds(clock.now()))
    const { principal } = await authenticate(old)
    await ownDevices.signOut(principal.deviceId)
    await expect(authenticate(old)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
    clock.advance(2_000)
    const anew = await authenticate(await tokenOf({}, seconds(clock.now())))
    expect(anew.principal.userId).toBe(principal.userId)
    expect(anew.principal.deviceId).not.toBe(principal.deviceId)
  })

  test('[L9] an issuer that names a new session at every login fills no more than its users’ places for devices', async () => {
    const { authenticate, devices, clock } = await openAccounts({ outsideIssuer: issuer })
    const first = await tokenOf({ sid: 'login-0' }, seconds(clock.now()))
    const { principal } = await authenticate(first)
    for (let n = 1; n <= limits.devicesPerUserMax; n++) {
      clock.advance(1_000)
      await authenticate(await tokenOf({ sid: `login-${n}` }, seconds(clock.now())))
    }
    expect(await devices.ofUser(principal.userId)).toHaveLength(limits.devicesPerUserMax)
    await expect(authenticate(first)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
  })

  test('[T4] wrong key, audience, algorithm or time, and no subject', async () => {
    const { authenticate, clock } = await openAccounts({ outsideIssuer: issuer })
    const now = seconds(clock.now())
    const late = limits.tokenLeewayS + 1
    await expect(authenticate(await tokenOf({ exp: now - late }, now))).rejects.toEqual(refusedAs('TOKEN_EXPIRED'))
    for (const token of [
      await tokenOf({}, now, randomBytes(32)),
      await tokenOf({ aud: 'mail' }, now),
      await tokenOf({ nbf: now + late }, now),
      await tokenOf({ sub: undefined }, now),
      await tokenOf({ sub: '' }, now),
      await tokenOf({ sub: 'x'.repeat(limits.subjectCharsMax + 1) }, now),
    ])
      await expect(authenticate(token)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('[T4] a token signed by HMAC with the public key is not one of a JWKS', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const byJwks: OutsideIssuer = { ...issuer, key: async () => Buffer.from(pem), algorithms: ['RS256'] }
    const { authenticate, clock } = await openAccounts({ outsideIssuer: byJwks })
    const token = await tokenOf({}, seconds(clock.now()), Buffer.from(pem))
    await expect(authenticate(token)).rejects.toEqual(refusedAs('UNAUTHENTICATED'))
  })

  test('own tokens go on beside those of the issuer', async () => {
    const { authenticate, register } = await openAccounts({ outsideIssuer: issuer })
    await expect(authenticate((await register('ada')).accessToken)).resolves.toBeDefined()
  })
})

test('[T3] what one node issued another one accepts, and refuses once a third has signed the device out', async () => {
  const ports = openMemory()
  const node = () =>
    createAccountServices({
      ...ports,
      randomBytes,
      passwordHashesAtOnce: 2,
      registrationOpen: true,
      registrationsPerAddressPerHour: 10,
      outsideIssuer: null,
    })
  const [one, two, three] = [await node(), await node(), await node()]
  const tokens = await one.signIn.register({ name: 'ada', password }, address)
  const { principal } = await two.authenticate(tokens.accessToken)
  await three.signIn.logout(principal)
  await expect(two.authenticate(tokens.accessToken)).rejects.toEqual(refusedAs('DEVICE_REVOKED'))
})
