/** Requests to the HTTP API. Every failure is a `GodwitError`; no answer at all is `UNKNOWN_OUTCOME`. */
import type { ErrorBody } from '@godwit/protocol/api.ts'
import { clientLimits as limits } from '@godwit/protocol/client-limits.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { Clock } from './clock.ts'
import { receivedError } from './received-error.ts'

export type Fetch = typeof globalThis.fetch
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Where tokens come from. */
export interface Tokens {
  /** A token to use; with `stale`, another one than that. */
  token(stale?: string): Promise<string>
}

export interface HttpOptions {
  readonly url: string
  readonly fetch: Fetch
  readonly clock: Clock
  /** null for requests of somebody who is not signed in. */
  readonly tokens: Tokens | null
}

export interface RequestOptions {
  readonly body?: unknown
  /** Ends the request; without one, `clientRequestTimeoutMs` does. */
  readonly signal?: AbortSignal
}

export class Http {
  readonly #url: string
  readonly #fetch: Fetch
  readonly #clock: Clock
  readonly #tokens: Tokens | null

  constructor(options: HttpOptions) {
    this.#url = options.url.replace(/\/+$/, '')
    this.#fetch = options.fetch
    this.#clock = options.clock
    this.#tokens = options.tokens
  }

  /** Refreshes the token and repeats the request, once, when the server asks for it. */
  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    if (!this.#tokens) return this.#once<T>(method, path, options, null)
    const token = await this.#tokens.token()
    try {
      return await this.#once<T>(method, path, options, token)
    } catch (error) {
      if (!(error instanceof GodwitError) || error.retry !== 'reauth') throw error
      return this.#once<T>(method, path, options, await this.#tokens.token(token))
    }
  }

  async #once<T>(method: Method, path: string, options: RequestOptions, token: string | null): Promise<T> {
    const fetch = this.#fetch
    let response: Response
    let text: string
    // A link may die without a word, and a platform waits for minutes.
    const deadline = new AbortController()
    const cancel = this.#clock.setTimer(limits.clientRequestTimeoutMs, () => deadline.abort())
    try {
      response = await fetch(this.#url + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        signal: options.signal ?? deadline.signal,
        credentials: 'omit',
        cache: 'no-store',
      })
      text = await response.text()
    } catch {
      throw new GodwitError('UNKNOWN_OUTCOME', 'no answer from the server')
    } finally {
      cancel()
    }
    if (response.ok) return (text === '' ? {} : parsed(text)) as T
    throw errorOf(response.status, text)
  }
}

export function toQuery(query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string | number] => pair[1] !== undefined)
  return pairs.length === 0 ? '' : `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new GodwitError('UNKNOWN_OUTCOME', 'not a Godwit server')
  }
}

function errorOf(status: number, text: string): GodwitError {
  const body = bodyOf(text)
  const known = errorOfStatus(status)
  return body ? receivedError(body, known.code) : known
}

function bodyOf(text: string): ErrorBody | null {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null
    return typeof body?.code === 'string' && typeof body.message === 'string' ? (body as ErrorBody) : null
  } catch {
    return null
  }
}

/**
 * An answer of something in between (a proxy) has no code of ours; its status tells as much as there is to know. Its 401 is not about
 * our token.
 */
function errorOfStatus(status: number): GodwitError {
  if (status === 429) return new GodwitError('RATE_LIMITED', undefined, 5_000)
  if (status >= 500 || status === 401) return new GodwitError('UNKNOWN_OUTCOME', `status ${status}`)
  return new GodwitError(status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', `status ${status}`)
}
