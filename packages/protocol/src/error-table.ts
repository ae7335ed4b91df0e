/**
 * What the server answers with an error: the status over HTTP, and a text that says what to do. A client gets the text with the
 * answer, so it does not carry this table. `docs/errors.md` is held to it by a test.
 */
import type { ErrorCode } from './errors.ts'

export const errorTable: Readonly<Record<ErrorCode, { readonly http: number; readonly message: string }>> = {
  BAD_JSON: { http: 400, message: 'The frame or body is not valid JSON. Send one JSON object in UTF-8.' },
  BAD_REQUEST: { http: 400, message: 'A field is missing, unknown or of the wrong type; `detail` names it.' },
  UNKNOWN_FRAME: { http: 400, message: 'No frame has this `type`. See docs/protocol.md for those that exist.' },
  TOO_LARGE: { http: 413, message: 'The frame, text or list is over its limit; `detail` names the limit.' },
  HELLO_FIRST: { http: 400, message: 'The first frame on a socket must be `hello`.' },
  ALREADY_GREETED: { http: 400, message: 'This session has had its `hello`. Use `auth` to renew the token.' },
  ALREADY_RESUMED: { http: 400, message: 'This session has resumed. Reconnect to resume again.' },
  UNAUTHENTICATED: { http: 401, message: 'A valid access token is required.' },
  TOKEN_EXPIRED: { http: 401, message: 'The access token has expired. Refresh it and send `auth`, or repeat the request.' },
  BAD_CREDENTIALS: { http: 401, message: 'Name or password is wrong.' },
  REFRESH_REUSED: { http: 401, message: 'This refresh token was used before; the device is signed out. Log in again.' },
  DEVICE_REVOKED: { http: 401, message: 'This device was signed out. Log in again.' },
  FORBIDDEN: { http: 403, message: 'There is no such conversation, entry or user, or you may not do this there.' },
  ORIGIN_REFUSED: { http: 403, message: 'This web origin is not allowed. Add it to GODWIT_ORIGINS on the server.' },
  NOT_FOUND: { http: 404, message: 'There is nothing here.' },
  NAME_TAKEN: { http: 409, message: 'This name is taken. Choose another.' },
  ID_REUSED: { http: 409, message: 'This clientMsgId was used for something else. Use a new id for a new command.' },
  RETRY_IN_ORDER: { http: 409, message: 'The command named in `after` is not stored yet. Send again from the first unsettled one.' },
  CURSOR_AHEAD: { http: 409, message: 'The cursor is beyond the head of the conversation.' },
  GROUP_FULL: { http: 409, message: 'The group has as many members as it can hold.' },
  LAST_OWNER: { http: 409, message: 'The last owner cannot go or step down. Promote another owner first.' },
  LIMIT_REACHED: { http: 409, message: 'A limit of this account or message is reached; `detail` names it.' },
  REGISTRATION_CLOSED: { http: 403, message: 'This server does not let people register themselves.' },
  RATE_LIMITED: { http: 429, message: 'Too much at once. Wait `retryAfterMs`.' },
  UNKNOWN_OUTCOME: { http: 503, message: 'It is not known whether this was stored. Send it again with the same clientMsgId.' },
  OVERLOADED: { http: 503, message: 'The server is busy. Send it again with the same clientMsgId.' },
  STORAGE_FULL: {
    http: 507,
    message: 'The server cannot store anything now (disk full). Reading goes on; sends are taken again when there is room.',
  },
  STORAGE_DAMAGED: {
    http: 500,
    message: 'What is stored there is damaged, and is not served; it has been logged. A restored backup mends it.',
  },
  DRAINING: { http: 503, message: 'The server is going down. Reconnect.' },
  INTERNAL: { http: 500, message: 'The server made a mistake; it has been logged.' },
}
