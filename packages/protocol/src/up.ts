/**
 * Frames from client to server. One JSON object a frame; `type` tells which.
 *
 *   hello -> welcome            who I am (access token)
 *   resume -> resumed | reset   what I have; from here on the session is live
 *   message, edit, delete, reaction, batch -> ack | error    commands that append; idempotent by (to, sender, clientMsgId)
 *   ack                         how far I have received or read
 *   typing, watch, activity     lossy; no answer
 *   auth, ping -> pong          keep alive
 */
import { z } from 'zod'
import { limits } from './limits.ts'
import { accessToken, clientMsgId, conversationId, cursor, emoji, mentions, messageText, seq, userId } from './scalars.ts'

/** What every appending command has. `after` names the sender's previous unacked command in this conversation (L5). */
const command = { to: conversationId, clientMsgId, after: clientMsgId.optional() }

export const opaqueBody = z.strictObject({
  type: z.string().min(1).max(127),
  data: z.base64().max(limits.textBytesMax * 2),
})

export const messageFrame = z.strictObject({
  type: z.literal('message'),
  ...command,
  text: messageText,
  mentions: mentions.optional(),
  replyTo: seq.optional(),
})

export const editFrame = z.strictObject({
  type: z.literal('edit'),
  ...command,
  target: seq,
  text: messageText,
  mentions: mentions.optional(),
})
export const deleteFrame = z.strictObject({ type: z.literal('delete'), ...command, target: seq })
export const reactionFrame = z.strictObject({ type: z.literal('reaction'), ...command, target: seq, emoji, on: z.boolean() })

export const appendFrame = z.discriminatedUnion('type', [messageFrame, editFrame, deleteFrame, reactionFrame])

export const batchFrame = z.strictObject({ type: z.literal('batch'), frames: z.array(appendFrame).min(1).max(limits.batchFramesMax) })

export const helloFrame = z.strictObject({
  type: z.literal('hello'),
  token: accessToken,
  /** Name and version of the client, for the log. */
  client: z.string().max(100).optional(),
})

export const resumeFrame = z.strictObject({
  type: z.literal('resume'),
  /** From the last `resumed`, `reset` or `pong`; both null for a device that has seen nothing yet. */
  epoch: z.string().max(64).nullable(),
  mark: z.string().max(64).nullable(),
  /** The device's own read cursors that the server may not know yet. */
  reads: z.array(z.strictObject({ conversationId, seq })).max(limits.resumeReadsMax).optional(),
  /** Tell in outline what changed without an entry that is new to this device. */
  outlines: z.boolean().optional(),
})

export const authFrame = z.strictObject({ type: z.literal('auth'), token: accessToken })
export const pingFrame = z.strictObject({ type: z.literal('ping'), mark: z.string().max(64).nullable().optional() })

/** A cursor, not a receipt for one message: everything up to `seq` is delivered to this device, or read by this user (L8). */
export const ackFrame = z.strictObject({ type: z.literal('ack'), conversationId, seq: cursor, status: z.enum(['delivered', 'read']) })

export const typingFrame = z.strictObject({ type: z.literal('typing'), conversationId, on: z.boolean().optional() })

/** What is on the screen now; replaces the watch before (L10). */
export const watchFrame = z.strictObject({
  type: z.literal('watch'),
  conversations: z.array(conversationId).max(limits.watchConversationsMax),
  users: z.array(userId).max(limits.watchUsersMax).optional(),
})

/** An inactive client (screen off, tab hidden) gets no typing and no presence. */
export const activityFrame = z.strictObject({ type: z.literal('activity'), active: z.boolean() })

export const upFrame = z.discriminatedUnion('type', [
  helloFrame,
  resumeFrame,
  messageFrame,
  editFrame,
  deleteFrame,
  reactionFrame,
  batchFrame,
  ackFrame,
  typingFrame,
  watchFrame,
  activityFrame,
  authFrame,
  pingFrame,
])

export type UpFrame = z.output<typeof upFrame>
export type UpFrameOf<T extends UpFrame['type']> = Extract<UpFrame, { type: T }>
export type AppendFrame = z.output<typeof appendFrame>
