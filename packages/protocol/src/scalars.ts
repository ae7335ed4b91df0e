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
    .refine((text) => fits(text, bytesMax), { message: `over ${bytesMax} bytes of UTF-8`, params: { isOverLimit: true } })
    .refine(isWellFormed, { message: 'has a lone surrogate' })
}

function fits(text: string, bytesMax: number): boolean {
  return text.length * 3 <= bytesMax || utf8.encode(text).length <= bytesMax
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}

/** What `messageText` takes. */
export function isMessageText(text: string): boolean {
  return text.length > 0 && fits(text, limits.textBytesMax) && isWellFormed(text)
}

export const messageText = boundedText(limits.textBytesMax)
export const emoji = boundedText(limits.emojiBytesMax)
export const conversationName = z
  .string()
  .trim()
  .min(1)
  .max(limits.conversationNameCharsMax)
  .refine(isWellFormed, { message: 'has a lone surrogate' })
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(limits.displayNameCharsMax)
  .refine(isWellFormed, { message: 'has a lone surrogate' })
export const mentions = z.array(userId).max(limits.mentionsMax)
export const accessToken = z.string().min(1).max(limits.tokenCharsMax)
