/**
 * Bodies and answers of the HTTP API. The routes themselves (method, path, access) are `server/gateway/routes.ts`; OpenAPI is
 * made from both.
 */
import { z } from 'zod'
import { presence } from './down.ts'
import { foldedEntry } from './entry-schema.ts'
import { type ErrorCode, retryPolicies } from './errors.ts'
import { limits } from './limits.ts'
import { accessToken, clientMsgId, conversationId, conversationName, cursor, deviceId, displayName, seq, userId } from './scalars.ts'
import { conversationFlags, conversationSummary, userProfile } from './summary.ts'
import { appendFrame } from './up.ts'

const secret = z.string().min(1).max(limits.passwordCharsMax)
const name = z.string().min(1).max(limits.userNameCharsMax)

export const errorBody = z.strictObject({
  code: z.enum(Object.keys(retryPolicies) as [ErrorCode]),
  message: z.string(),
  detail: z.string().optional(),
  retryAfterMs: z.number().optional(),
})

// Accounts
export const registerBody = z.strictObject({
  name,
  password: z.string().min(limits.passwordCharsMin).max(limits.passwordCharsMax),
  displayName: displayName.optional(),
  /** Shown in the list of devices. */
  deviceName: z.string().max(limits.deviceNameCharsMax).optional(),
})
export const loginBody = z.strictObject({ name, password: secret, deviceName: z.string().max(limits.deviceNameCharsMax).optional() })
export const refreshBody = z.strictObject({
  refreshToken: accessToken,
  /**
   * Secret, random, stored by the client before it asks: with the same one the same answer is given again, however late, so a lost
   * answer signs nobody out.
   */
  attemptId: z.string().min(16).max(64).optional(),
})
export const passwordBody = z.strictObject({
  password: secret,
  newPassword: z.string().min(limits.passwordCharsMin).max(limits.passwordCharsMax),
})
export const tokens = z.strictObject({
  userId,
  deviceId,
  accessToken: z.string(),
  /** Unix ms. */
  accessTokenExpiresAt: z.number(),
  refreshToken: z.string(),
})
export const privacy = z.strictObject({ readReceipts: z.boolean(), lastSeen: z.boolean() })
export const me = z.strictObject({ ...userProfile.shape, deviceId, privacy })
export const mePatch = z.strictObject({ displayName: displayName.optional(), privacy: privacy.partial().strict().optional() })
export const device = z.strictObject({
  deviceId,
  name: z.string(),
  createdAt: z.number(),
  lastSeenAt: z.number().nullable(),
  current: z.boolean(),
})
export const devices = z.strictObject({ devices: z.array(device) })
export const usersQuery = z.strictObject({
  name: name.optional(),
  ids: z
    .string()
    .max(limits.profilesMax * 43)
    .optional(),
})
export const users = z.strictObject({ users: z.array(userProfile) })
export const presenceQuery = z.strictObject({ ids: z.string().max(limits.watchUsersMax * 43) })
export const presenceAnswer = z.strictObject({ users: z.array(presence) })

// Conversations
export const listQuery = z.strictObject({
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(limits.listConversationsMax).optional(),
})
export const conversationList = z.strictObject({
  conversations: z.array(conversationSummary),
  users: z.array(userProfile),
  /** For the next page; null at the end. */
  cursor: z.string().nullable(),
})
export const conversationAnswer = z.strictObject({ conversation: conversationSummary, users: z.array(userProfile) })
export const directBody = z.strictObject({ userId })
export const groupBody = z.strictObject({
  /** The creation id: the same id again is the same group. */
  clientMsgId,
  name: conversationName,
  members: z.array(userId).max(limits.groupMembersMax),
  history: z.enum(['joined', 'all']).optional(),
})
export const groupPatch = z.strictObject({ clientMsgId, name: conversationName.optional(), history: z.enum(['joined', 'all']).optional() })
export const flagsPatch = conversationFlags.partial().strict()
export const membersBody = z.strictObject({ clientMsgId, members: z.array(userId).min(1).max(limits.groupAddMax) })
export const removeBody = z.strictObject({ clientMsgId })
export const roleBody = z.strictObject({ clientMsgId, role: z.enum(['owner', 'admin', 'member']) })
export const members = z.strictObject({
  members: z.array(z.strictObject({ ...userProfile.shape, role: z.enum(['owner', 'admin', 'member']) })),
})

// Entries
/** At most one of `after`, `before`, `around`; none is the newest page. */
export const pageQuery = z.strictObject({
  after: z.coerce.number().pipe(cursor).optional(),
  before: z.coerce.number().pipe(seq).optional(),
  around: z.coerce.number().pipe(seq).optional(),
  limit: z.coerce.number().int().min(1).max(limits.pageEntriesMax).optional(),
})
export const page = z.strictObject({
  /** Rising in seq without gaps within this user's intervals, folded as of `head`. */
  entries: z.array(foldedEntry),
  head: z.number(),
  first: z.number(),
  /** There is more in this direction. */
  more: z.strictObject({ before: z.boolean(), after: z.boolean() }),
  users: z.array(userProfile),
})
/** The same shape as the frames, so that one description serves both. */
export const sendBody = appendFrame
export const sent = z.strictObject({
  conversationId,
  clientMsgId,
  messageId: z.string(),
  seq,
  at: z.number(),
  duplicate: z.boolean(),
})
export const cursorBody = z.strictObject({ seq: cursor, status: z.enum(['delivered', 'read']) })
/** As in a `read` frame. */
export const cursorAnswer = z.strictObject({ read: cursor, head: cursor, unread: z.number(), mentions: z.number() })
export const receiptsQuery = z.strictObject({ seq: z.coerce.number().pipe(seq) })
export const receipts = z.strictObject({
  seq,
  members: z.number(),
  delivered: z.array(userId),
  read: z.array(userId),
})

// Long poll: the frames of the socket, where sockets are blocked
export const pollOpened = z.strictObject({ pollId: z.string() })
export const pollQuery = z.strictObject({
  /** Number of the last frame received; it and those before are forgotten by the server. */
  ack: z.coerce.number().int().min(0),
})
export const pollAnswer = z.strictObject({
  /** `n` rises by one a frame. */
  frames: z.array(z.strictObject({ n: z.number(), frame: z.unknown() })),
  /** Set when the session is over, as a WebSocket would be closed. */
  closed: z.strictObject({ code: z.number(), reason: z.string() }).nullable(),
})
export const pollSend = z.strictObject({
  /** Number of the first of these frames; rises by one a frame, so that a repeated POST is not taken twice. */
  n: z.number().int().min(1),
  frames: z.array(z.string().max(limits.frameBytesMax)).min(1).max(limits.batchFramesMax),
})

export const blocks = z.strictObject({ users: z.array(userProfile) })
export const empty = z.strictObject({})

export type Tokens = z.output<typeof tokens>
export type Me = z.output<typeof me>
export type MePatch = z.input<typeof mePatch>
export type Device = z.output<typeof device>
export type Page = z.output<typeof page>
export type Sent = z.output<typeof sent>
export type ConversationList = z.output<typeof conversationList>
export type ConversationAnswer = z.output<typeof conversationAnswer>
export type Members = z.output<typeof members>
export type Receipts = z.output<typeof receipts>
export type CursorAnswer = z.output<typeof cursorAnswer>
export type PollAnswer = z.output<typeof pollAnswer>
export type ErrorBody = z.output<typeof errorBody>
