/** Serves the routes table: authenticate, charge, validate, handle, answer. */
import { parse, parseJson } from '@godwit/protocol/codec.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { costs } from '@godwit/protocol/limits.ts'
import type { AppendFrame } from '@godwit/protocol/up.ts'
import type { Authenticate } from '@godwit/server/accounts/authenticate.ts'
import type { Principal } from '@godwit/server/chat/chat.ts'
import type { SharedRates } from '@godwit/server/gateway/rate.ts'
import type { Route, RouteServices } from '@godwit/server/gateway/route.ts'
import { routes } from '@godwit/server/gateway/routes.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { type AddressOf, budgetKey } from './address.ts'
import type { Log } from './log.ts'

export interface ApiDeps {
  readonly log: Log
  readonly authenticate: Authenticate
  readonly services: RouteServices
  /** Those that WebSocket and poll sessions draw on too. */
  readonly rates: SharedRates
  readonly addressOf: AddressOf
}

export function serveApi(http: FastifyInstance, { log, authenticate, services, rates, addressOf }: ApiDeps): void {
  async function principalOf(request: FastifyRequest, address: string): Promise<Principal> {
    try {
      return (await authenticate(bearer(request.headers.authorization))).principal
    } catch (error) {
      rates.ofAddress.take(address, costs.auth)
      throw error
    }
  }

  async function serve(route: Route, request: FastifyRequest): Promise<string> {
    const address = budgetKey(addressOf(request.raw))
    const principal = route.auth === 'token' ? await principalOf(request, address) : null
    if (principal) rates.ofUser.take(principal.userId, costs[route.cost])
    else rates.ofAddress.take(address, costs[route.cost])
    const params = parsePart('path', route.params, request.params)
    const query = parsePart('query', route.query, request.query)
    const body = parsePart('body', route.body, request.body)
    if (route.operation === 'send') rates.ofConversation.take((body as AppendFrame).to, costs[route.cost])
    const answer = await audited(log, route, { principal, address }, route.handle(services, { principal, params, query, body, address }))
    // The schema lets out what it names and nothing else (T8).
    return JSON.stringify(route.answer.parse(answer))
  }

  for (const route of routes) {
    http.route({
      method: route.method,
      url: route.path,
      async handler(request, reply) {
        const text = await serve(route, request)
        return reply.type('application/json; charset=utf-8').send(text)
      },
    })
  }
}

/**
 * Keeps in the log who came, went or changed an account, and who was refused to: ids and codes only (T26). A refresh is routine
 * unless it is refused.
 */
async function audited<T>(log: Log, route: Route, who: { principal: Principal | null; address: string }, work: Promise<T>): Promise<T> {
  if (route.tag !== 'Accounts' || route.method === 'GET') return work
  const { operation } = route
  const { principal, address } = who
  try {
    const answer = await work
    // What signs in answers whom.
    const { userId, deviceId } = principal ?? (answer as Partial<Principal>)
    if (operation !== 'refresh') log.info({ operation, userId, deviceId, address }, 'account')
    return answer
  } catch (error) {
    const code = error instanceof GodwitError ? error.code : 'INTERNAL'
    log.info({ operation, userId: principal?.userId, deviceId: principal?.deviceId, address, code }, 'account: refused')
    throw error
  }
}

/** JSON in strict UTF-8 and of bounded depth, the same as a frame. */
export function strictJsonBodies(http: FastifyInstance): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length === 0) return undefined
    let text: string
    try {
      text = utf8.decode(bytes)
    } catch {
      throw new GodwitError('BAD_JSON', 'not valid UTF-8')
    }
    return parseJson(text)
  })
}

function parsePart(part: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema) return parse(schema, value)
  if (value === undefined || value === null || Object.keys(value).length === 0) return undefined
  throw new GodwitError('BAD_REQUEST', `this operation takes no ${part}`)
}

function bearer(header: string | undefined): string {
  const [scheme, token] = header?.split(' ') ?? []
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new GodwitError('UNAUTHENTICATED')
  return token
}
