/**
 * Why a socket closes. The range is the retry policy, so that a client that meets an unknown code still does the right thing:
 * - 4000-4099 reconnect with back-off and resume; nothing is lost.
 * - 4100-4199 get a new access token first, then reconnect and resume.
 * - 4200-4299 stop: the same client would be closed again. Tell the user.
 * Standard codes (RFC 6455 section 7.4.1): 1000-1001, 1006, 1011-1015 reconnect; 1002, 1003, 1007, 1008, 1009 stop.
 */
export const closeCodes = {
  DRAINING: { code: 4000, reason: 'server is going down, reconnect' },
  SLOW_CONSUMER: { code: 4001, reason: 'reading too slowly, reconnect for history' },
  HEARTBEAT_MISSED: { code: 4002, reason: 'no heartbeat' },
  OVERLOADED: { code: 4003, reason: 'server is busy, reconnect later' },
  FLOODING: { code: 4004, reason: 'too many frames, reconnect later' },
  INTERNAL: { code: 4005, reason: 'server error, reconnect' },
  /** A stalled link or a busy server: the token may be as good as new, so it is not worth a refresh. */
  HELLO_TIMEOUT: { code: 4006, reason: 'no hello in time' },
  TOKEN_EXPIRED: { code: 4100, reason: 'access token expired' },
  UNAUTHENTICATED: { code: 4101, reason: 'access token not valid' },
  PROTOCOL: { code: 4200, reason: 'protocol error' },
  DEVICE_REVOKED: { code: 4201, reason: 'device signed out' },
  TOO_MANY_SESSIONS: { code: 4202, reason: 'too many sessions' },
} as const

export type CloseName = keyof typeof closeCodes
export type ClosePolicy = 'reconnect' | 'reauth' | 'stop'

/** What a client does after a close, by the range of its code alone. */
export function closePolicy(code: number): ClosePolicy {
  if (code >= 4100 && code < 4200) return 'reauth'
  if (code >= 4200 && code < 4300) return 'stop'
  if (code === 1002 || code === 1003 || (code >= 1007 && code <= 1009)) return 'stop'
  return 'reconnect'
}
