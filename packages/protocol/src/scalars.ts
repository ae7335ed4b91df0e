/** Schemas of the fields that many frames share. */
import { z } from 'zod'
import {
  type ClientMsgId,
  type ConversationId,
  clientMsgIdPattern,
  conversationIdPattern,
  type DeviceId,
  deviceIdPattern,
  type UserId,
  userIdPattern,
} from './ids.ts'
import { limits } from './limits.ts'

const utf8 = new TextEncoder()
const loneSurrogate = /\p{Surrogate}/u

export const userId = z
  .string()
  .regex(userIdPattern)
  .transform((id) => id as UserId)
export const deviceId = z
  .string()
  .regex(deviceIdPattern)
  .transform((id) => id as DeviceId)
export const conversationId = z
  .string()
  .regex(conversationIdPattern)
  .transform((id) => id as ConversationId)
export const clientMsgId = z
  .string()
  .regex(clientMsgIdPattern)
  .transform((id) => id as ClientMsgId)

/** A position in a conversation: 1, 2, 3 … */
export const seq = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)
/** A cursor: 0 is "nothing yet". */
export const cursor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** Text in bytes of UTF-8, well formed: a lone surrogate has no UTF-8 form and could not come back as it went. */
export function boundedText(bytesMax: number) {
  return z
    .string()
    .min(1)
    .refine((text) => text.length * 3 <= bytesMax || utf8.encode(text).length <= bytesMax, {
      message: `over ${bytesMax} bytes of UTF-8`,
      params: { isOverLimit: true },
    })
    .refine((text) => !loneSurrogate.test(text), { message: 'has a lone surrogate' })
}

export const messageText = boundedText(limits.textBytesMax)
export const emoji = boundedText(limits.emojiBytesMax)
export const conversationName = z
  .string()
  .trim()
  .min(1)
  .max(limits.conversationNameCharsMax)
  .refine((t) => !loneSurrogate.test(t), { message: 'has a lone surrogate' })
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(limits.displayNameCharsMax)
  .refine((t) => !loneSurrogate.test(t), { message: 'has a lone surrogate' })
export const mentions = z.array(userId).max(limits.mentionsMax)
export const accessToken = z.string().min(1).max(limits.tokenCharsMax)
