/** New inputs: good ones of every frame type and route, from the tables that the server itself is made of. */
import { upFrame } from '@godwit/protocol/up.ts'
import { pollRoutes } from '@godwit/server/gateway/poll-routes.ts'
import type { RouteDescription } from '@godwit/server/gateway/route.ts'
import { routes as apiRoutes } from '@godwit/server/gateway/routes.ts'
import { upgradeRequest } from '../../../apps/server/src/testing/raw-socket.ts'
import type { Random } from '../../load/src/world/random.ts'
import { type BytesInput, type FrameInput, type HttpInput, type Input, plainFrame, type SocketState } from './input.ts'
import { goodValue } from './values.ts'

export const routes: readonly RouteDescription[] = [...apiRoutes, ...Object.values(pollRoutes)]
export const frameTypes: readonly string[] = upFrame.options.map(({ shape }) => shape.type.value)

/** A password hash is 19 MiB and tens of milliseconds of work; more of these would leave no time for the rest. */
const dear: ReadonlySet<string> = new Set(['register', 'login', 'changePassword'])

export function make(random: Random): Input {
  return random.weighted<(random: Random) => Input>([
    [55, makeFrame],
    [40, makeRequest],
    [5, makeUpgrade],
  ])(random)
}

function makeFrame(random: Random): FrameInput {
  const schema = random.pick(upFrame.options)
  const type: string = schema.shape.type.value
  const state: SocketState = type === 'hello' ? 'fresh' : type === 'resume' ? 'greeted' : 'live'
  const text = JSON.stringify(goodValue(schema, { operation: type, field: '' }, random))
  return {
    via: 'frame',
    state: random.next() < 0.9 ? state : random.pick(['fresh', 'greeted', 'live']),
    frames: [plainFrame(text)],
    lost: 0,
  }
}

function makeRequest(random: Random): HttpInput {
  const route = random.weighted(routes.map((one) => [dear.has(one.operation) ? 0.15 : 1, one]))
  return requestOf(route, random)
}

export function requestOf({ method, path, operation, auth, params, query, body }: RouteDescription, random: Random): HttpInput {
  const part = (schema: typeof params) => (schema ? (goodValue(schema, { operation, field: '' }, random) as Record<string, unknown>) : {})
  const values = part(params)
  const filled = path.replace(/:(\w+)/g, (_, name) => String(values[name]))
  const search = Object.entries(part(query)).map(([name, value]) => `${name}=${encodeURI(String(value)).replace(/%7B|%7D/g, decodeURI)}`)
  // Signing out is for the spare device, or the life that sends it would be over.
  const bearer = operation === 'logout' ? '{{spareToken}}' : '{{token}}'
  return {
    via: 'http',
    method,
    path: search.length > 0 ? `${filled}?${search.join('&')}` : filled,
    headers: auth === 'token' ? [['Authorization', `Bearer ${bearer}`]] : [],
    body: body ? JSON.stringify(part(body)) : null,
  }
}

function makeUpgrade(): BytesInput {
  return { via: 'bytes', bytes: upgradeRequest() }
}
