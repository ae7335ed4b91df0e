/**
 * A change that an older client or server would misread makes a new version; what is only added (an optional field, a frame or
 * entry kind that may be ignored) does not.
 *
 * - 1: the first.
 */
export const protocolVersion = 1

/** The WebSocket subprotocol (RFC 6455 section 1.9). */
export const subprotocol = `godwit.v${protocolVersion}` as const
