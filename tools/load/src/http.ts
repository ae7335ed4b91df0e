/** Plain HTTP against the API, for what is not a device's work: sign-up, the first conversations, and a second opinion at the end. */
import type { Session } from '@godwit/client'
import type { ConversationAnswer, ConversationList, Page } from '@godwit/protocol/api.ts'
import type { Person } from './world/world.ts'

export interface GroupBody {
  readonly clientMsgId: string
  readonly name: string
  readonly members: readonly string[]
  readonly history: 'joined' | 'all'
}

export class Http {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  register({ name, displayName, password }: Person): Promise<Session> {
    return this.#request('POST', '/v1/users', { name, displayName, password, deviceName: 'phone' })
  }

  login({ name, password }: Person, deviceName: string): Promise<Session> {
    return this.#request('POST', '/v1/tokens', { name, password, deviceName })
  }

  createGroup(token: string, body: GroupBody): Promise<ConversationAnswer> {
    return this.#request('POST', '/v1/groups', body, token)
  }

  openDirect(token: string, userId: string): Promise<ConversationAnswer> {
    return this.#request('POST', '/v1/conversations', { userId }, token)
  }

  list(token: string, cursor: string | null): Promise<ConversationList> {
    const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    return this.#request('GET', `/v1/conversations?limit=200${query}`, undefined, token)
  }

  page(token: string, conversationId: string, after: number): Promise<Page> {
    return this.#request('GET', `/v1/conversations/${conversationId}/messages?limit=200&after=${after}`, undefined, token)
  }

  /** Waits and tries again where the server says so. Throws what it answers otherwise. */
  async #request<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
    for (;;) {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (response.ok) return (await response.json()) as T
      const error = (await response.json()) as { code?: string; detail?: string; retryAfterMs?: number }
      if (error.retryAfterMs === undefined)
        throw Object.assign(new Error(`${method} ${path}: ${response.status} ${error.code} ${error.detail ?? ''}`), { code: error.code })
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs))
    }
  }
}

/** Runs `work` for every item, so many at once; answers in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lanes = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T, index)
    }
  })
  await Promise.all(lanes)
  return results
}
