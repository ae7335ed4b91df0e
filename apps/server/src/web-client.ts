/** Serves the built web client: files as they are, and its page for every other path, since the client routes by itself. */
import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { send } from '@fastify/send'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendRefusal } from './http-errors.ts'
import { contentSecurityPolicy } from './security-headers.ts'

const built = fileURLToPath(new URL('../../web/dist/', import.meta.url))

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Godwit is running</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1rem; color-scheme: light dark }</style>
<h1>Godwit is running</h1>
<p>The web client has not been built yet. Run <code>npm run build:web</code> and reload this page.</p>
<p>The server is ready all the same: <a href="/docs">the HTTP API</a>, and <code>npx godwit --help</code> for the command line.</p>
</html>
`

export function serveWebClient(http: FastifyInstance, folder: string = built): void {
  const index = join(folder, 'index.html')
  // Names of files in assets carry a hash of their content.
  const assets = join(folder, 'assets') + sep
  http.get('/*', async (request, reply) => {
    const [path = ''] = request.url.split('?', 1)
    const file = await send(request.raw, path, { root: folder, index: false, acceptRanges: false, cacheControl: false })
    if (file.type !== 'file') return reply.callNotFound()
    const forever = file.metadata.path.startsWith(assets)
    return reply
      .code(file.statusCode)
      .headers(file.headers)
      .header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
      .send(file.stream)
  })
  const sendPage = (reply: FastifyReply) => {
    // Read each time: the page names files that change with a build, and a build may come while the server runs.
    const html = existsSync(index) ? readFileSync(index, 'utf8') : notBuilt
    return reply
      .header('content-security-policy', contentSecurityPolicy(html))
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(html)
  }
  http.get('/', (_request, reply) => sendPage(reply))
  http.setNotFoundHandler((request, reply) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !/^\/(v1|ws|assets)(\/|$|\?)/.test(request.url)
    return isPage ? sendPage(reply) : sendRefusal(reply, new GodwitError('NOT_FOUND'))
  })
}
