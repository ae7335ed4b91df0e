/**
 * The HTTP side of the one port: API, OpenAPI and its page, health, web client. WebSocket and long poll attach to the same server.
 */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import fastify, { type FastifyInstance } from 'fastify'
import { type ApiDeps, serveApi, strictJsonBodies } from './api-routes.ts'
import type { Config } from './config.ts'
import { docsPage } from './docs-page.ts'
import { answerUnreadable, errorHandler } from './http-errors.ts'
import type { Log } from './log.ts'
import { openApi } from './openapi.ts'
import type { OriginRule } from './origin.ts'
import { contentSecurityPolicy, securityHeaders } from './security-headers.ts'
import { readTls, type Tls } from './tls.ts'
import { serveWebClient } from './web-client.ts'

export interface HttpListenerDeps extends ApiDeps {
  readonly config: Config
  /** Known once the port is: see `listen`. */
  readonly isAllowedOrigin: OriginRule
  readonly isDraining: () => boolean
}

export interface HttpListener {
  readonly http: FastifyInstance
  readonly server: Server
  /** Binds; answers the port. Throws when it is taken. */
  listen(): Promise<number>
  /** Stops accepting; ends idle connections; answers when the rest is done. */
  close(): Promise<void>
}

export function createHttpListener(deps: HttpListenerDeps): HttpListener {
  const { config, log } = deps
  const tls = readTls(config)
  const http = create(tls, log)
  const server = http.server
  server.maxHeadersCount = limits.headersCountMax
  // Node would refuse what it does not know with an empty 417; it may as well be passed over (RFC 9110 section 10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))

  http.setErrorHandler(errorHandler(log))
  strictJsonBodies(http)
  const standing = securityHeaders(tls !== null)
  http.addHook('onRequest', async (request, reply) => {
    reply.headers(standing)
    if (request.raw.url && request.raw.url.length > limits.urlCharsMax) throw new GodwitError('TOO_LARGE', 'urlCharsMax')
    if (request.raw.httpVersion === '1.1' && request.raw.headers.host === undefined) throw new GodwitError('BAD_REQUEST', 'no Host')
    if (deps.isDraining()) throw new GodwitError('DRAINING')
  })
  crossOrigin(http, deps.isAllowedOrigin)
  http.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))
  serveDocs(http)
  serveApi(http, deps)
  serveWebClient(http)

  return {
    http,
    server,
    async listen() {
      await http.listen({ port: config.port, host: config.host, backlog: limits.connectionsUnacceptedMax })
      return (server.address() as AddressInfo).port
    },
    close: () => http.close(),
  }
}

function create(tls: Tls | null, log: Log): FastifyInstance {
  const options = {
    bodyLimit: limits.frameBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    routerOptions: { maxParamLength: 100 },
    forceCloseConnections: 'idle' as const,
    clientErrorHandler: answerUnreadable,
    // For what is refused before there is a route, such as a path that is not UTF-8.
    frameworkErrors: errorHandler(log),
    // While it drains, requests on open connections are refused below, with an error of the table.
    return503OnClosing: false,
    // The log line of a request would carry its query; `errorHandler` logs what matters.
    logger: false,
    // The routes table has its own schemas: Fastify's compilers, a hundred files, would be loaded for nothing at every start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  }
  const node = {
    maxHeaderSize: limits.headersBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    // Refused by a hook instead, with an error of the table; Node's answer is empty.
    requireHostHeader: false,
    // How often Node looks for slow requests: its default of 30 s would stretch every time limit by as much (T14).
    connectionsCheckingInterval: 1_000,
  }
  if (!tls) return fastify({ ...options, http: node })
  return fastify({ ...options, https: { ...node, ...tls, minVersion: 'TLSv1.2' } }) as unknown as FastifyInstance
}

function noSchemas(): never {
  throw new Error('routes are validated by the schemas of the routes table, not by Fastify')
}

/** CORS for the API: exact origins, no cookies. A page that is not allowed gets an answer it can read the code of in the log only. */
function crossOrigin(http: FastifyInstance, isAllowedOrigin: OriginRule): void {
  http.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1/')) return
    reply.headers({ 'cache-control': 'no-store', vary: 'origin' })
    const origin = request.headers.origin
    if (!isAllowedOrigin(origin)) throw new GodwitError('ORIGIN_REFUSED')
    if (origin !== undefined) reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after' })
  })
  http.options('/v1/*', (_request, reply) =>
    reply
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': '600',
      })
      .code(204)
      .send(),
  )
}

/** Made when somebody first asks, not at the start. */
function serveDocs(http: FastifyInstance): void {
  let made: { readonly json: string; readonly page: string } | null = null
  const docs = () => {
    if (made) return made
    const description = openApi()
    made = { json: JSON.stringify(description), page: docsPage(description) }
    return made
  }
  http.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(docs().json))
  http.get('/docs', (_request, reply) => {
    const { page } = docs()
    return reply.header('content-security-policy', contentSecurityPolicy(page)).type('text/html; charset=utf-8').send(page)
  })
}
