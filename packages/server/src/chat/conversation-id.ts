/**
 * Ids of conversations: a function of who starts them, so that retries and races of a creation meet in one append.
 */
import { hash } from 'node:crypto'
import { type ClientMsgId, type ConversationId, homeRegion, type UserId } from '@godwit/protocol/ids.ts'

export function directId(one: UserId, other: UserId): ConversationId {
  return conversationId('direct', ...(one < other ? [one, other] : [other, one]))
}

export function groupId(creator: UserId, creationId: ClientMsgId): ConversationId {
  return conversationId('group', creator, creationId)
}

function conversationId(...parts: readonly string[]): ConversationId {
  const digest = hash('sha256', parts.join('\n'), 'buffer').subarray(0, 16)
  return `c_${homeRegion}${digest.toString('base64url')}`
}
