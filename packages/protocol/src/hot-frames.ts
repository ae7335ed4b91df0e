/**
 * The frames that make up nearly all traffic, checked by hand: the schema takes several times as long for them as `JSON.parse`
 * does. Takes only what the schema takes, and takes it as it is; of anything else it says null, and the schema decides.
 */
import { clientMsgIdPattern, conversationIdPattern } from './ids.ts'
import { isMessageText } from './scalars.ts'
import type { UpFrame } from './up.ts'

export function hotFrame(value: unknown): UpFrame | null {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null
  const isHot = value.type === 'message' ? isPlainMessage : value.type === 'ack' ? isAck : null
  return isHot?.(value as Record<string, unknown>) ? (value as UpFrame) : null
}

/** A message with nothing but a text: no mentions, no reply. */
function isPlainMessage(value: Record<string, unknown>): boolean {
  let required = 0
  for (const key in value) {
    const field = value[key]
    if (typeof field !== 'string') return false
    if (key === 'type') required++
    else if (key === 'to' && conversationIdPattern.test(field)) required++
    else if (key === 'clientMsgId' && clientMsgIdPattern.test(field)) required++
    else if (key === 'text' && isMessageText(field)) required++
    else if (key !== 'after' || !clientMsgIdPattern.test(field)) return false
  }
  return required === 4
}

function isAck(value: Record<string, unknown>): boolean {
  let required = 0
  for (const key in value) {
    const field = value[key]
    if (key === 'type') required++
    else if (key === 'conversationId' && typeof field === 'string' && conversationIdPattern.test(field)) required++
    else if (key === 'seq' && Number.isSafeInteger(field) && (field as number) >= 0) required++
    else if (key === 'status' && (field === 'delivered' || field === 'read')) required++
    else return false
  }
  return required === 4
}
