/**
 * Every error a client can meet, over WebSocket and HTTP alike. `docs/errors.md` is held to this table by a test.
 *
 * `retry` is the policy:
 * - `never`: the same request fails again; change it.
 * - `same-id`: the outcome is unknown or the server is busy; send it again with the same `clientMsgId` (L3, L4).
 * - `in-order`: send again from the first unsettled command on (L5).
 * - `later`: wait `retryAfterMs`, then send again.
 * - `reauth`: get a new access token, then send again.
 */
export type RetryPolicy = 'never' | 'same-id' | 'in-order' | 'later' | 'reauth'

interface ErrorRow {
  readonly http: number
  readonly retry: RetryPolicy
  readonly message: string
}

export const errorTable = {
  BAD_JSON: { http: 400, retry: 'never', message: 'The frame or body is not valid JSON. Send one JSON object in UTF-8.' },
  BAD_REQUEST: { http: 400, retry: 'never', message: 'A field is missing, unknown or of the wrong type; `detail` names it.' },
  UNKNOWN_FRAME: { http: 400, retry: 'never', message: 'No frame has this `type`. See docs/protocol.md for those that exist.' },
  TOO_LARGE: { http: 413, retry: 'never', message: 'The frame, text or list is over its limit; `detail` names the limit.' },
  HELLO_FIRST: { http: 400, retry: 'never', message: 'The first frame on a socket must be `hello`.' },
  ALREADY_GREETED: { http: 400, retry: 'never', message: 'This session has had its `hello`. Use `auth` to renew the token.' },
  ALREADY_RESUMED: { http: 400, retry: 'never', message: 'This session has resumed. Reconnect to resume again.' },
  UNAUTHENTICATED: { http: 401, retry: 'reauth', message: 'A valid access token is required.' },
  TOKEN_EXPIRED: {
    http: 401,
    retry: 'reauth',
    message: 'The access token has expired. Refresh it and send `auth`, or repeat the request.',
  },
  BAD_CREDENTIALS: { http: 401, retry: 'never', message: 'Name or password is wrong.' },
  REFRESH_REUSED: { http: 401, retry: 'never', message: 'This refresh token was used before; the device is signed out. Log in again.' },
  DEVICE_REVOKED: { http: 401, retry: 'never', message: 'This device was signed out. Log in again.' },
  FORBIDDEN: { http: 403, retry: 'never', message: 'There is no such conversation, entry or user, or you may not do this there.' },
  ORIGIN_REFUSED: { http: 403, retry: 'never', message: 'This web origin is not allowed. Add it to GODWIT_ORIGINS on the server.' },
  NOT_FOUND: { http: 404, retry: 'never', message: 'There is nothing here.' },
  NAME_TAKEN: { http: 409, retry: 'never', message: 'This name is taken. Choose another.' },
  ID_REUSED: { http: 409, retry: 'never', message: 'This clientMsgId was used for something else. Use a new id for a new command.' },
  RETRY_IN_ORDER: {
    http: 409,
    retry: 'in-order',
    message: 'The command named in `after` is not stored yet. Send again from the first unsettled one.',
  },
  CURSOR_AHEAD: { http: 409, retry: 'never', message: 'The cursor is beyond the head of the conversation.' },
  GROUP_FULL: { http: 409, retry: 'never', message: 'The group has as many members as it can hold.' },
  LAST_OWNER: { http: 409, retry: 'never', message: 'The last owner cannot go or step down. Promote another owner first.' },
  LIMIT_REACHED: { http: 409, retry: 'never', message: 'A limit of this account or message is reached; `detail` names it.' },
  REGISTRATION_CLOSED: { http: 403, retry: 'never', message: 'This server does not let people register themselves.' },
  RATE_LIMITED: { http: 429, retry: 'later', message: 'Too much at once. Wait `retryAfterMs`.' },
  UNKNOWN_OUTCOME: {
    http: 503,
    retry: 'same-id',
    message: 'It is not known whether this was stored. Send it again with the same clientMsgId.',
  },
  OVERLOADED: { http: 503, retry: 'same-id', message: 'The server is busy. Send it again with the same clientMsgId.' },
  STORAGE_FULL: {
    http: 507,
    retry: 'same-id',
    message: 'The server cannot store anything now (disk full). Reading goes on; sends are taken again when there is room.',
  },
  DRAINING: { http: 503, retry: 'same-id', message: 'The server is going down. Reconnect.' },
  INTERNAL: { http: 500, retry: 'same-id', message: 'The server made a mistake; it has been logged.' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable

/** An expected refusal. Handlers throw or return it; only the edge turns it into a frame, an HTTP answer or a close. */
export class GodwitError extends Error {
  override readonly name = 'GodwitError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, detail?: string, retryAfterMs?: number) {
    super(detail ? `${errorTable[code].message} (${detail})` : errorTable[code].message)
    this.code = code
    this.detail = detail
    this.retryAfterMs = retryAfterMs
  }

  get retry(): RetryPolicy {
    return errorTable[this.code].retry
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}
