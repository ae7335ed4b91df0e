import { GodwitError } from '@godwit/protocol/errors.ts'
import { describe, expect, it } from 'vitest'
import { Door } from './api.ts'
import { Auth, sessionKey } from './auth.ts'
import { Http } from './http.ts'
import type { Store } from './store.ts'
import { memoryStore } from './store-memory.ts'
import { soleTab } from './tabs.ts'
import { SimClock } from './testing/sim-clock.ts'
import { tokensOf } from './testing/sim-net.ts'
import type { Session } from './types.ts'

describe('[T3] refreshing', () => {
  it('names the same attempt until the answer is here, also after a crash, and another one for the next token', async () => {
    const clock = new SimClock(1)
    const store = memoryStore()
    const first = tokensOf('u_amina', 1, clock.now())
    await store.write([[sessionKey, first]], true)
    const asked: { refreshToken: string; attemptId: string }[] = []
    let isCut = true
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      asked.push(JSON.parse(String(init?.body)))
      if (isCut) throw new TypeError('the link was cut')
      return Response.json(tokensOf('u_amina', asked.length, clock.now()))
    }
    const life = () => {
      const door = new Door(new Http({ url: 'http://sim', fetch, clock, tokens: null }))
      const auth = new Auth({ door, store, tabs: soleTab, clock, provider: null, onSignedOut: () => expect.unreachable() })
      auth.adopt(first)
      return auth
    }
    const lost = new GodwitError('UNKNOWN_OUTCOME', 'no answer from the server')
    const auth = life()
    await expect(auth.token(first.accessToken)).rejects.toEqual(lost)
    await expect(auth.token(first.accessToken)).rejects.toEqual(lost)
    isCut = false
    const again = life()
    const token = await again.token(first.accessToken)
    await again.token(token)
    const attempts = asked.map(({ attemptId }) => attemptId)
    expect(new Set(attempts.slice(0, 3)).size).toBe(1)
    expect(attempts[3]).not.toBe(attempts[0])
    expect(asked[0]?.refreshToken).toBe(first.refreshToken)
  })

  it('an application that is closed and opened again in the middle of a refresh is no thief: one attempt a token, whatever comes late', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const clock = new SimClock(seed)
      const store = memoryStore()
      await store.write([[sessionKey, tokensOf('u_amina', 1, clock.now())]], true)
      // Slow, and in order, as stores are.
      let last: Promise<unknown> = Promise.resolve()
      const inOrder = <T>(run: () => Promise<T>): Promise<T> => {
        const done = last.then(() => clock.sleep(clock.random() * 20)).then(run)
        last = done
        return done
      }
      const slow: Store = {
        ...store,
        get: (key) => inOrder(() => store.get(key)),
        write: (pairs, durable) => inOrder(() => store.write(pairs, durable)),
      }
      const attempts = new Map<string, Set<string>>()
      const fetch: typeof globalThis.fetch = async (_url, init) => {
        const { refreshToken, attemptId } = JSON.parse(String(init?.body)) as { refreshToken: string; attemptId: string }
        attempts.set(refreshToken, (attempts.get(refreshToken) ?? new Set()).add(attemptId))
        await clock.sleep(clock.random() * 200)
        if (clock.chance(0.2)) throw new TypeError('the link was cut')
        return Response.json(tokensOf('u_amina', Number(refreshToken.split('.')[1]) + 1, clock.now()))
      }
      for (let life = 0; life < 6; life++) {
        const door = new Door(new Http({ url: 'http://sim', fetch, clock, tokens: null }))
        const auth = new Auth({ door, store: slow, tabs: soleTab, clock, provider: null, onSignedOut: () => expect.unreachable() })
        auth.adopt((await store.get(sessionKey)) as Session)
        const stale = auth.session?.accessToken
        auth.token(stale).catch(() => {})
        await clock.run(clock.random() * 300)
        auth.close()
      }
      await clock.run(1_000)
      for (const [token, named] of attempts) expect([...named], `${token}, seed ${seed}`).toHaveLength(1)
    }
  })

  const answers: readonly (readonly [says: string, signsOut: boolean, answer: () => Response])[] = [
    ['a proxy that wants a password of its own', false, () => new Response('<h1>Authorization Required</h1>', { status: 401 })],
    ['a portal of a hotel', false, () => new Response('<h1>Welcome! Room number?</h1>', { status: 403 })],
    ['a proxy that has lost its way', false, () => new Response('Not Found', { status: 404 })],
    ['an origin left out of the configuration', false, () => Response.json({ code: 'ORIGIN_REFUSED', message: '' }, { status: 403 })],
    ['an older server', false, () => Response.json({ code: 'BAD_REQUEST', message: '', detail: 'attemptId' }, { status: 400 })],
    ['an expired token', true, () => Response.json({ code: 'DEVICE_REVOKED', message: '' }, { status: 401 })],
    ['a copied token', true, () => Response.json({ code: 'REFRESH_REUSED', message: '' }, { status: 401 })],
    ['a token of another deployment', true, () => Response.json({ code: 'UNAUTHENTICATED', message: '' }, { status: 401 })],
  ]
  it.each(answers)('only the server signs a device out, and only for its token: %s', async (_says, signsOut, answer) => {
    const clock = new SimClock(1)
    const store = memoryStore()
    const session = tokensOf('u_amina', 1, clock.now())
    await store.write([[sessionKey, session]], true)
    let isSignedOut = false
    const onSignedOut = () => {
      isSignedOut = true
    }
    const door = new Door(new Http({ url: 'http://sim', fetch: async () => answer(), clock, tokens: null }))
    const auth = new Auth({ door, store, tabs: soleTab, clock, provider: null, onSignedOut })
    auth.adopt(session)
    const error: unknown = await auth.token(session.accessToken).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(GodwitError)
    expect({ isSignedOut, says: (error as GodwitError).code === 'UNAUTHENTICATED' }).toEqual({ isSignedOut: signsOut, says: signsOut })
  })
})
