import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import type { GodwitError } from '@godwit/protocol/errors.ts'
import { expect, it } from 'vitest'
import { Http } from './http.ts'
import { SimClock } from './testing/sim-clock.ts'

it('[L4] a request on a link that died without a word has an unknown outcome within seconds, not after the minutes of the platform', async () => {
  const clock = new SimClock(1)
  const fetch: typeof globalThis.fetch = (_input, init) =>
    new Promise((_answer, fail) => init?.signal?.addEventListener('abort', () => fail(init.signal?.reason)))
  const http = new Http({ url: 'https://chat.example.org', fetch, clock, tokens: null })
  let outcome: unknown
  http.request('GET', '/v1/conversations').catch((error: unknown) => {
    outcome = error
  })
  await clock.run(limits.clientRequestTimeoutMs - 1)
  expect(outcome).toBeUndefined()
  await clock.run(1)
  await clock.run(0)
  expect(outcome).toMatchObject({ code: 'UNKNOWN_OUTCOME' } satisfies Partial<GodwitError>)
})
