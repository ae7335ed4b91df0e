/** What a route of the HTTP API is: data, so that the listener, OpenAPI and the access matrix read the same table. */
import type { Presence } from '@godwit/protocol/down.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { costs } from '@godwit/protocol/limits.ts'
import type { z } from 'zod'
import type { AccountServices } from '../accounts/create-account-services.ts'
import type { Chat, Principal } from '../chat/chat.ts'

/** What handlers call. */
export interface RouteServices extends Omit<AccountServices, 'authenticate'> {
  readonly chat: Chat
  /** Of those whom the principal may see. */
  presenceOf(principal: Principal, userIds: readonly UserId[]): Promise<readonly Presence[]>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * `none`: open to everyone, charged to the address. `token`: needs an access token, charged to its user.
 */
export type RouteAuth = 'none' | 'token'

interface RouteShape {
  readonly method: Method
  /** With parameters as `:name`. */
  readonly path: string
  /** Unique name of the operation, in OpenAPI and in the access matrix. */
  readonly operation: string
  readonly tag: 'Accounts' | 'Users' | 'Conversations' | 'Messages' | 'Polling'
  /** One sentence, for the reader of the API page. */
  readonly summary: string
  readonly cost: keyof typeof costs
}

/** Requests, after validation. A part without a schema is `undefined`, and a request that has it is refused. */
interface RequestParts<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Of the client, for budgets. */
  readonly address: string
}

export interface RouteRequest extends RequestParts<unknown, unknown, unknown> {
  readonly principal: Principal | null
}

/** All that a caller must know of a route. */
export interface RouteDescription extends RouteShape {
  readonly auth: RouteAuth
  readonly params: z.ZodType | undefined
  readonly query: z.ZodType | undefined
  readonly body: z.ZodType | undefined
  readonly answer: z.ZodType
}

export interface Route extends RouteDescription {
  /** Throws `GodwitError` for every refusal. */
  readonly handle: (services: RouteServices, request: RouteRequest) => Promise<unknown>
}

interface Schemas<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
}

type Handler<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType, Who> = (
  services: RouteServices,
  request: RequestParts<z.output<P>, z.output<Q>, z.output<B>> & { readonly principal: Who },
) => Promise<Answer<z.output<A>>>

/** Handlers may answer read-only values of the same shape. */
type Answer<T> = T extends readonly (infer E)[] ? readonly Answer<E>[] : T extends object ? { readonly [K in keyof T]: Answer<T[K]> } : T

/** A route for everyone. */
export function openRoute<
  A extends z.ZodType,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
>(route: RouteShape & Schemas<P, Q, B, A> & { readonly handle: Handler<P, Q, B, A, null> }): Route {
  return complete(route, 'none', route.handle as Route['handle'])
}

/** A route for those who are signed in: the handler has a principal. */
export function userRoute<
  A extends z.ZodType,
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
>(route: RouteShape & Schemas<P, Q, B, A> & { readonly handle: Handler<P, Q, B, A, Principal> }): Route {
  return complete(route, 'token', route.handle as Route['handle'])
}

function complete(
  { params, query, body, ...route }: RouteShape & Schemas<z.ZodType, z.ZodType, z.ZodType, z.ZodType>,
  auth: RouteAuth,
  handle: Route['handle'],
): Route {
  return { ...route, auth, params, query, body, handle }
}
