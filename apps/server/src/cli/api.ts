/** The HTTP API as the command line uses it: one call, or one that is repeated until it is answered. */
import type { ConversationAnswer, Tokens } from '@godwit/protocol/api.ts'
import { GodwitError, isErrorCode } from '@godwit/protocol/errors.ts'
import { type ConversationId, isConversationId, isUserId, type UserId } from '@godwit/protocol/ids.ts'
import { backOff, CliError, printProblem } from './output.ts'

/** Who, and where: what the options and the environment say. */
export interface Login {
  readonly server: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
}

export interface Api {
  readonly server: string
  /**
   * Repeats a call that may be repeated (a read, or one with a client message id) until it is answered or time is up. Throws
   * `GodwitError` for a refusal, `CliError` UNREACHABLE when there is no answer.
   */
  call<T>(method: string, path: string, body?: object): Promise<T>
  /** A valid access token; gets a new one when the old one is near its end. */
  token(): Promise<string>
  /** The server takes this token no longer: log in again next time. Throws UNAUTHENTICATED where the token was given as it is. */
  renew(): void
  /** Logs in as a new device. */
  logIn(): Promise<Tokens>
  /** Registers `user` and signs in as it. */
  register(displayName: string | undefined): Promise<Tokens>
  /** Signs the device of this run out, if it was this run that logged in. */
  close(): Promise<void>
}

const deviceName = 'godwit command'
const reauthAttemptsMax = 3
/** From here on somebody who watches should know why nothing happens: after about a second. */
const noticeAtAttempt = 4
const renewBeforeMs = 60_000

/** `deadline` in ms since the epoch bounds all retries. */
export function openApiClient(login: Login, deadline: number): Api {
  const server = serverUrl(login.server)
  let tokens: Promise<Tokens> | null = null

  async function request<T>(method: string, path: string, body: object | undefined, token: string | null): Promise<T> {
    let response: Response
    let text: string
    try {
      response = await fetch(server + path, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(15_000),
      })
      text = await response.text()
    } catch (error) {
      throw new CliError('UNREACHABLE', `no answer from ${server}: ${reasonOf(error)}`)
    }
    const answer = jsonOf(text)
    if (response.ok) return answer as T
    const { code = '', detail, retryAfterMs } = answer as { code?: string; detail?: string; retryAfterMs?: number }
    if (isErrorCode(code)) throw new GodwitError(code, detail, retryAfterMs)
    throw new CliError('UNREACHABLE', `${server} answered ${response.status}; is this a Godwit server?`)
  }

  async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let n = 0; ; n++) {
      try {
        return await attempt()
      } catch (error) {
        if (error instanceof GodwitError && error.retry === 'reauth' && n < reauthAttemptsMax) renew()
        else if (!isPassing(error)) throw error
        if (Date.now() > deadline) throw error
        if (n === noticeAtAttempt) printProblem(error)
        await backOff(n, error instanceof GodwitError ? (error.retryAfterMs ?? 0) : 0)
      }
    }
  }

  function logIn(): Promise<Tokens> {
    if (!login.user || !login.password)
      throw new CliError('USAGE', 'give --user and --password (or GODWIT_USER and GODWIT_PASSWORD), or --token (or GODWIT_TOKEN)')
    const body = { name: login.user, password: login.password, deviceName }
    return retrying(() => request<Tokens>('POST', '/v1/tokens', body, null))
  }

  async function token(): Promise<string> {
    if (login.token) return login.token
    tokens ??= logIn()
    try {
      const { accessToken, accessTokenExpiresAt, refreshToken } = await tokens
      if (accessTokenExpiresAt - Date.now() > renewBeforeMs) return accessToken
      tokens = request<Tokens>('POST', '/v1/tokens/refresh', { refreshToken }, null).catch(logIn)
      return (await tokens).accessToken
    } catch (error) {
      tokens = null
      throw error
    }
  }

  function renew(): void {
    if (login.token) throw new GodwitError('UNAUTHENTICATED', 'the given token is not valid any more')
    tokens = null
  }

  const once = async <T>(method: string, path: string, body?: object) => request<T>(method, path, body, await token())
  return {
    server,
    token,
    renew,
    logIn,
    call: (method, path, body) => retrying(() => once(method, path, body)),
    async register(displayName) {
      const { user: name, password } = login
      tokens = request<Tokens>('POST', '/v1/users', { name, password, displayName, deviceName }, null)
      return tokens
    },
    async close() {
      if (tokens) await once('DELETE', '/v1/tokens').catch(() => {})
    },
  }
}

/** `--to`: a conversation id, a user id, or the exact name of a user. Opens the direct conversation where it is a user. */
export async function resolveConversation(api: Api, to: string): Promise<ConversationId> {
  if (isConversationId(to)) return to
  const userId = isUserId(to) ? to : await userIdOf(api, to)
  const { conversation } = await api.call<ConversationAnswer>('POST', '/v1/conversations', { userId })
  return conversation.conversationId
}

async function userIdOf(api: Api, name: string): Promise<UserId> {
  const { users } = await api.call<{ users: { userId: UserId }[] }>('GET', `/v1/users?name=${encodeURIComponent(name)}`)
  if (!users[0]) throw new CliError('NO_SUCH_USER', `there is no user named ${name}`)
  return users[0].userId
}

/** Whether the same request may succeed later. */
function isPassing(error: unknown): boolean {
  if (error instanceof CliError) return error.code === 'UNREACHABLE'
  return error instanceof GodwitError && ['same-id', 'later', 'in-order'].includes(error.retry)
}

function serverUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CliError('USAGE', `--server must be a URL such as http://localhost:8080, not ${text}`)
  return text.replace(/\/+$/, '')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause)
}
