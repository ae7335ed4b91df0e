import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorHandler } from './http-errors.ts'
import { createLog } from './log.ts'
import { serveWebClient } from './web-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'godwit-web-'))
const dist = join(folder, 'dist')
let http: FastifyInstance
beforeAll(() => {
  http = fastify()
  http.setErrorHandler(errorHandler(createLog({ logLevel: 'silent', logFormat: 'json' })))
  http.get('/v1/me', () => ({ userId: 'u_1' }))
  serveWebClient(http, dist)
})
afterAll(async () => {
  await http.close()
  rmSync(folder, { recursive: true })
})

const get = (url: string) => http.inject({ method: 'GET', url })

test('before it is built, a friendly page says how', async () => {
  for (const path of ['/', '/c/c_00abc']) {
    const { statusCode, body } = await get(path)
    expect([statusCode, body]).toEqual([200, expect.stringContaining('npm run build:web')])
  }
})

describe('built, also while the server runs', () => {
  beforeAll(() => {
    mkdirSync(join(dist, 'assets'), { recursive: true })
    writeFileSync(
      join(dist, 'index.html'),
      '<!doctype html><script>indexedDB.open("godwit")</script><script type="module" src="/assets/app-1.js"></script>',
    )
    writeFileSync(join(dist, 'assets', 'app-1.js'), 'render()')
    writeFileSync(join(dist, 'favicon.svg'), '<svg/>')
    writeFileSync(join(folder, 'godwit.db'), 'secret')
  })

  test('the page stands at every path of the client', async () => {
    for (const path of ['/', '/c/c_00abc', '/settings?tab=privacy']) {
      const { statusCode, body, headers } = await get(path)
      expect([statusCode, body, headers['cache-control']]).toEqual([200, expect.stringContaining('app-1.js'), 'no-cache'])
    }
  })

  test('[T20] its inline script is allowed by its hash, and no other', async () => {
    const policy = String((await get('/')).headers['content-security-policy'])
    expect(policy).toContain("script-src 'self' 'sha256-")
    expect(policy.match(/script-src[^;]*/)?.[0]).not.toContain('unsafe')
    expect(policy).toContain("frame-ancestors 'none'")
  })

  test('files with a hash in their name are kept for ever, others are asked for again', async () => {
    expect((await get('/assets/app-1.js')).headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' })
    expect((await get('/favicon.svg')).headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'image/svg+xml' })
  })

  test('what is not there is not the page where a script or an answer is wanted', async () => {
    for (const path of ['/assets/app-2.js', '/assets/', '/v1/nothing', '/ws'])
      expect(await get(path), path).toMatchObject({ statusCode: 404, body: expect.stringContaining('NOT_FOUND') })
  })

  test('nothing outside of the folder is served', async () => {
    for (const path of [
      '/../godwit.db',
      '/%2e%2e/godwit.db',
      '/..%2fgodwit.db',
      '/assets/..%2f..%2fgodwit.db',
      '//godwit.db',
      '/assets/%00',
    ])
      expect((await get(path)).body, path).not.toContain('secret')
  })
})
