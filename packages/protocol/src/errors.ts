/**
 * Every error a client can meet, over WebSocket and HTTP alike, and what to do about it. Status and text of each are in `error-table.ts`.
 *
 * - `never`: the same request fails again; change it.
 * - `same-id`: the outcome is unknown or the server is busy; send it again with the same `clientMsgId` (L3, L4).
 * - `in-order`: send again from the first unsettled command on (L5).
 * - `later`: wait `retryAfterMs`, then send again.
 * - `reauth`: get a new access token, then send again.
 */
export type RetryPolicy = 'never' | 'same-id' | 'in-order' | 'later' | 'reauth'

export const retryPolicies = {
  BAD_JSON: 'never',
  BAD_REQUEST: 'never',
  UNKNOWN_FRAME: 'never',
  TOO_LARGE: 'never',
  HELLO_FIRST: 'never',
  ALREADY_GREETED: 'never',
  ALREADY_RESUMED: 'never',
  UNAUTHENTICATED: 'reauth',
  TOKEN_EXPIRED: 'reauth',
  BAD_CREDENTIALS: 'never',
  REFRESH_REUSED: 'never',
  DEVICE_REVOKED: 'never',
  FORBIDDEN: 'never',
  ORIGIN_REFUSED: 'never',
  NOT_FOUND: 'never',
  NAME_TAKEN: 'never',
  ID_REUSED: 'never',
  RETRY_IN_ORDER: 'in-order',
  CURSOR_AHEAD: 'never',
  GROUP_FULL: 'never',
  LAST_OWNER: 'never',
  LIMIT_REACHED: 'never',
  REGISTRATION_CLOSED: 'never',
  RATE_LIMITED: 'later',
  UNKNOWN_OUTCOME: 'same-id',
  OVERLOADED: 'same-id',
  STORAGE_FULL: 'same-id',
  STORAGE_DAMAGED: 'same-id',
  DRAINING: 'same-id',
  INTERNAL: 'same-id',
} as const satisfies Record<string, RetryPolicy>

export type ErrorCode = keyof typeof retryPolicies

/** An expected refusal. Handlers throw or return it; only the edge turns it into a frame, an HTTP answer or a close. */
export class GodwitError extends Error {
  override readonly name = 'GodwitError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly retryAfterMs: number | undefined

  /** `text` is what the server said, where it said it. */
  constructor(code: ErrorCode, detail?: string, retryAfterMs?: number, text: string = code) {
    super(detail ? `${text} (${detail})` : text)
    this.code = code
    this.detail = detail
    this.retryAfterMs = retryAfterMs
  }

  get retry(): RetryPolicy {
    return retryPolicies[this.code]
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(retryPolicies, code)
}
