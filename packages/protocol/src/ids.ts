/**
 * Identifiers on the wire. All are opaque strings to a client; a Snowflake never becomes a JavaScript number.
 *
 * A conversation id is `c_`, two characters for its home region (`00` until there are regions), and 22 characters of a hash:
 * of the sorted pair of users for a `direct` conversation, of creator and creation id for a `group`. So retries and races of a
 * creation meet in one append.
 */
export type UserId = `u_${string}`
export type DeviceId = `d_${string}`
export type ConversationId = `c_${string}`
/** Snowflake, decimal: 41 bit ms, 10 bit worker, 12 bit sequence. */
export type MessageId = string
/** Chosen by the sender, unique for (conversation, sender) for ever (L3). A UUIDv7 is a good choice. */
export type ClientMsgId = string

export const userIdPattern = /^u_[A-Za-z0-9_-]{1,40}$/
export const deviceIdPattern = /^d_[A-Za-z0-9_-]{1,40}$/
export const conversationIdPattern = /^c_[a-z0-9]{2}[A-Za-z0-9_-]{1,40}$/
export const clientMsgIdPattern = /^[\x21-\x7e]{1,64}$/
/** Lower case after normalisation; a login name is compared without regard to case. */
export const userNamePattern = /^[a-z0-9][a-z0-9._-]{0,31}$/

export const homeRegion = '00'

export function isConversationId(text: string): text is ConversationId {
  return conversationIdPattern.test(text)
}

export function isUserId(text: string): text is UserId {
  return userIdPattern.test(text)
}
