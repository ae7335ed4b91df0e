/** The HTTP API, a function a route. The bodies are `protocol/api.ts`. */
import type {
  ConversationAnswer,
  ConversationList,
  Device,
  Me,
  Members,
  MePatch,
  Page,
  Receipts,
  Sent,
  Tokens,
} from '@godwit/protocol/api.ts'
import type { HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ClientMsgId, ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags, UserProfile } from '@godwit/protocol/summary.ts'
import { type Http, toQuery } from './http.ts'
import type { HistoryQuery } from './types.ts'

type Users = { readonly users: readonly UserProfile[] }

export class Api {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  readonly me = () => this.#http.request<Me>('GET', '/v1/me')
  readonly updateMe = (body: MePatch) => this.#http.request<Me>('PATCH', '/v1/me', { body })
  readonly changePassword = (body: { password: string; newPassword: string }) => this.#http.request('POST', '/v1/me/password', { body })
  readonly logout = () => this.#http.request('DELETE', '/v1/tokens')
  readonly devices = () => this.#http.request<{ readonly devices: readonly Device[] }>('GET', '/v1/devices')
  readonly revokeDevice = (id: string) => this.#http.request('DELETE', `/v1/devices/${id}`)
  readonly blocks = () => this.#http.request<Users>('GET', '/v1/blocks')
  readonly block = (id: UserId) => this.#http.request('PUT', `/v1/blocks/${id}`)
  readonly unblock = (id: UserId) => this.#http.request('DELETE', `/v1/blocks/${id}`)
  readonly users = (query: { name?: string; ids?: string }) => this.#http.request<Users>('GET', `/v1/users${toQuery(query)}`)

  readonly list = (cursor: string | undefined, limit: number) =>
    this.#http.request<ConversationList>('GET', `/v1/conversations${toQuery({ cursor, limit })}`)
  readonly conversation = (id: ConversationId) => this.#http.request<ConversationAnswer>('GET', `/v1/conversations/${id}`)
  readonly openDirect = (userId: UserId) => this.#http.request<ConversationAnswer>('POST', '/v1/conversations', { body: { userId } })
  readonly createGroup = (body: { clientMsgId: ClientMsgId; name: string; members: readonly UserId[]; history?: HistorySetting }) =>
    this.#http.request<ConversationAnswer>('POST', '/v1/groups', { body })
  readonly patchGroup = (id: ConversationId, body: { clientMsgId: ClientMsgId; name?: string; history?: HistorySetting }) =>
    this.#http.request<Sent>('PATCH', `/v1/conversations/${id}`, { body })
  readonly setFlags = (id: ConversationId, body: Partial<ConversationFlags>) =>
    this.#http.request<ConversationAnswer>('PATCH', `/v1/conversations/${id}/flags`, { body })
  readonly members = (id: ConversationId) => this.#http.request<Members>('GET', `/v1/conversations/${id}/members`)
  readonly addMembers = (id: ConversationId, body: { clientMsgId: ClientMsgId; members: readonly UserId[] }) =>
    this.#http.request<Sent>('POST', `/v1/conversations/${id}/members`, { body })
  readonly removeMember = (id: ConversationId, userId: UserId, query: { clientMsgId: ClientMsgId }) =>
    this.#http.request<Sent>('DELETE', `/v1/conversations/${id}/members/${userId}${toQuery(query)}`)
  readonly setRole = (id: ConversationId, userId: UserId, body: { clientMsgId: ClientMsgId; role: Role }) =>
    this.#http.request<Sent>('PATCH', `/v1/conversations/${id}/members/${userId}`, { body })
  readonly page = (id: ConversationId, { before, after, around, limit }: HistoryQuery) =>
    this.#http.request<Page>('GET', `/v1/conversations/${id}/messages${toQuery({ before, after, around, limit })}`)
  readonly receipts = (id: ConversationId, seq: number) =>
    this.#http.request<Receipts>('GET', `/v1/conversations/${id}/receipts${toQuery({ seq })}`)
}

/** Requests of somebody who has no session yet, or renews it. */
export class Door {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  readonly register = (body: { name: string; password: string; displayName?: string; deviceName?: string }) =>
    this.#http.request<Tokens>('POST', '/v1/users', { body })
  readonly login = (body: { name: string; password: string; deviceName?: string }) =>
    this.#http.request<Tokens>('POST', '/v1/tokens', { body })
  readonly refresh = (refreshToken: string, attemptId: string) =>
    this.#http.request<Tokens>('POST', '/v1/tokens/refresh', { body: { refreshToken, attemptId } })
}
