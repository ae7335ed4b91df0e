/** The HTTP API without HTTP: the table of routes, served as `api-routes.ts` and `poll-listener.ts` serve it. */
import { parse, parseJson } from '@godwit/protocol/codec.ts'
import { errorTable } from '@godwit/protocol/error-table.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { costs } from '@godwit/protocol/limits.ts'
import type { Authenticate } from '@godwit/server/accounts/authenticate.ts'
import { pollRoutes } from '@godwit/server/gateway/poll-routes.ts'
import type { PollSockets } from '@godwit/server/gateway/poll-sockets.ts'
import type { SharedRates } from '@godwit/server/gateway/rate.ts'
import type { Route, RouteServices } from '@godwit/server/gateway/route.ts'
import { routes } from '@godwit/server/gateway/routes.ts'
import type { z } from 'zod'

export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly token: string | null
  /** JSON. */
  readonly body: string | null
  readonly address: string
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

export interface ApiDeps {
  readonly authenticate: Authenticate
  readonly services: RouteServices
  readonly rates: SharedRates
  readonly polls: PollSockets
  readonly onError: (error: unknown) => void
}

export function createApi(deps: ApiDeps): (request: HttpRequest) => Promise<HttpAnswer> {
  return async (request) => {
    try {
      return { status: 200, text: await serve(deps, request) }
    } catch (error) {
      const known = error instanceof GodwitError ? error : new GodwitError('INTERNAL')
      if (known !== error) deps.onError(error)
      const { code, detail, retryAfterMs } = known
      const { http: status, message } = errorTable[code]
      return { status, text: JSON.stringify({ code, message, detail, retryAfterMs }) }
    }
  }
}

async function serve(deps: ApiDeps, request: HttpRequest): Promise<string> {
  const { authenticate, services, rates } = deps
  const { method, url, token, address } = request
  const { pathname, searchParams } = new URL(url, 'http://simulation')
  const values = Object.fromEntries(searchParams)
  const given = request.body === null ? undefined : parseJson(request.body)
  if (pathname.startsWith('/v1/poll')) return poll(deps, method, pathname, values, given, address)
  const found = match(method, pathname)
  if (!found) throw new GodwitError('NOT_FOUND')
  const { route, params: parts } = found
  let principal = null
  if (route.auth === 'token') {
    if (token === null) throw new GodwitError('UNAUTHENTICATED')
    principal = (await authenticate(token)).principal
    rates.ofUser.take(principal.userId, costs[route.cost])
  }
  const params = part(route.params, parts)
  const query = part(route.query, values)
  const body = part(route.body, given)
  return JSON.stringify(route.answer.parse(await route.handle(services, { principal, params, query, body, address })))
}

async function poll({ polls }: ApiDeps, method: string, path: string, query: unknown, body: unknown, address: string): Promise<string> {
  const pollId = path.split('/')[3]
  if (pollId === undefined) return JSON.stringify({ pollId: polls.open(address) })
  const socket = polls.get(pollId)
  if (method === 'GET') return socket.fetch(parse(pollRoutes.fetch.query, query).ack)
  if (method === 'DELETE') socket.end()
  else {
    const { n, frames } = parse(pollRoutes.send.body, body)
    socket.take(n, frames)
  }
  return '{}'
}

interface Pattern {
  readonly route: Route
  readonly segments: readonly string[]
}

const patterns: readonly Pattern[] = routes.map((route) => ({ route, segments: route.path.split('/') }))

function match(method: string, path: string): { readonly route: Route; readonly params: Record<string, string> } | null {
  const given = path.split('/')
  const fits = ({ route, segments }: Pattern) =>
    route.method === method && segments.length === given.length && segments.every((one, i) => one.startsWith(':') || one === given[i])
  const found = patterns.find(fits)
  if (!found) return null
  const names = found.segments.flatMap((one, i) => (one.startsWith(':') ? [[one.slice(1), given[i] as string] as const] : []))
  return { route: found.route, params: Object.fromEntries(names) }
}

function part(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema ? parse(schema, value) : undefined
}
