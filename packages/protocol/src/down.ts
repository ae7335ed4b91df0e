/**
 * Frames from server to client. A client ignores a `type` it does not know.
 * The server builds them and no client parses them with these schemas: they are the types, and what `schema-hash.test.ts` guards.
 */
import { z } from 'zod'
import { entry } from './entry-schema.ts'
import { clientMsgId, conversationId, cursor, deviceId, seq, userId } from './scalars.ts'
import { conversationOutline, conversationSummary, userProfile } from './summary.ts'

export const welcomeFrame = z.strictObject({
  type: z.literal('welcome'),
  sessionId: z.string(),
  userId,
  deviceId,
  /** Changes when the log was restored from a backup: then the device's copy is void. */
  epoch: z.string(),
  serverTime: z.number(),
  heartbeatMs: z.number(),
  /** Unix ms at which the access token of this session expires. */
  tokenExpiresAt: z.number(),
})

export const resumedFrame = z.strictObject({
  type: z.literal('resumed'),
  epoch: z.string(),
  mark: z.string(),
  conversations: z.array(conversationSummary),
  users: z.array(userProfile),
  /** Only where the resume asked for them: what changed too, but has no entry that this device has not acknowledged. */
  outlines: z.array(conversationOutline).optional(),
})

/** Forget cached entries and cursors (never the outbox), list conversations by HTTP, and go on from `mark`. */
export const resetFrame = z.strictObject({
  type: z.literal('reset'),
  reason: z.enum(['epoch', 'too-many']),
  epoch: z.string(),
  mark: z.string(),
})

export const sentFrame = z.strictObject({
  type: z.literal('ack'),
  status: z.literal('sent'),
  conversationId,
  clientMsgId,
  messageId: z.string(),
  seq,
  at: z.number(),
  /** The id was known: this is the ack of the first time. */
  duplicate: z.boolean(),
})

export const entryFrame = z.strictObject({ type: z.literal('entry'), entry })

export const errorFrame = z.strictObject({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  detail: z.string().optional(),
  retryAfterMs: z.number().optional(),
  /** The command this answers, where there is one. */
  conversationId: conversationId.optional(),
  clientMsgId: clientMsgId.optional(),
})

/** `direct`: how far the other one has received and read. */
export const receiptFrame = z.strictObject({ type: z.literal('receipt'), conversationId, userId, delivered: cursor, read: cursor })

/** `group`, to those who look: [seq, members whose cursor is at or beyond it], falling in seq. */
const steps = z.array(z.tuple([cursor, z.number()]))
export const receiptsFrame = z.strictObject({
  type: z.literal('receipts'),
  conversationId,
  members: z.number(),
  delivered: steps,
  read: steps,
})

/**
 * Own reading, from any own device. What is unread was counted up to `head`: entries beyond it count on top. An older server leaves it out,
 * and has counted all there was.
 */
export const readFrame = z.strictObject({
  type: z.literal('read'),
  conversationId,
  read: cursor,
  head: cursor.optional(),
  unread: z.number(),
  mentions: z.number(),
})

export const typingDownFrame = z.strictObject({ type: z.literal('typing'), conversationId, userId, on: z.boolean() })

export const presence = z.strictObject({
  userId,
  online: z.boolean(),
  /** Unix ms; null when unknown or private. */
  lastSeen: z.number().nullable(),
})
export const presenceFrame = z.strictObject({ type: z.literal('presence'), users: z.array(presence) })

/** Rows of the list that changed otherwise than by an entry: flags, heads of quiet conversations; profiles that changed, with no row. */
export const conversationsFrame = z.strictObject({
  type: z.literal('conversations'),
  conversations: z.array(conversationSummary),
  users: z.array(userProfile),
})

/** What changed since the mark of the ping: enough of each conversation to see whether a push was lost (L6, L7). */
export const pongFrame = z.strictObject({
  type: z.literal('pong'),
  mark: z.string(),
  conversations: z.array(conversationOutline),
})

export const downFrame = z.discriminatedUnion('type', [
  welcomeFrame,
  resumedFrame,
  resetFrame,
  sentFrame,
  entryFrame,
  errorFrame,
  receiptFrame,
  receiptsFrame,
  readFrame,
  typingDownFrame,
  presenceFrame,
  conversationsFrame,
  pongFrame,
])

export type DownFrame = z.output<typeof downFrame>
export type DownFrameOf<T extends DownFrame['type']> = Extract<DownFrame, { type: T }>
export type Presence = z.output<typeof presence>
