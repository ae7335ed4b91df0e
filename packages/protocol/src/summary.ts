/** A row of the conversation list, and the profile of a user, as frames and HTTP answers carry them. */
import { z } from 'zod'
import { foldedEntry } from './entry-schema.ts'
import { conversationId, cursor, userId } from './scalars.ts'

export const userProfile = z.strictObject({ userId, name: z.string(), displayName: z.string() })

export const conversationFlags = z.strictObject({ muted: z.boolean(), archived: z.boolean(), pinned: z.boolean() })

export const conversationSummary = z.strictObject({
  conversationId,
  kind: z.enum(['direct', 'group']),
  /** Name of a group; null for `direct`, where the name is the peer's. */
  name: z.string().nullable(),
  /** The other one of a `direct` conversation. */
  peerId: userId.nullable(),
  /** null when this user has left or was removed. */
  role: z.enum(['owner', 'admin', 'member']).nullable(),
  memberCount: z.number(),
  history: z.enum(['joined', 'all']),
  /** First and last seq this user is entitled to see; `head` is frozen at the removal of a former member. */
  first: z.number(),
  head: z.number(),
  /** Running count of messages at `head`. */
  count: z.number(),
  /** Unix ms of the entry at `head`. */
  lastActivityAt: z.number(),
  /** The newest message not deleted among the newest entries, folded. */
  preview: foldedEntry.nullable(),
  /** Own reading; at least where this user joined, since what is older is not unread (L8). */
  read: cursor,
  unread: z.number(),
  mentions: z.number(),
  flags: conversationFlags,
  /** `direct`: the peer's cursors, for the ticks. */
  peer: z.strictObject({ delivered: cursor, read: cursor }).nullable(),
  /** Newest entries, rising in seq and ending at `head`, folded as of `head`; as many as fit, without those the device has acknowledged. */
  entries: z.array(foldedEntry),
})

/** Enough of a row to see whether anything about it is news to who has had its entries. */
export const conversationOutline = conversationSummary.pick({ conversationId: true, head: true, read: true, flags: true, peer: true })

export type UserProfile = z.output<typeof userProfile>
export type ConversationFlags = z.output<typeof conversationFlags>
export type ConversationOutline = z.output<typeof conversationOutline>
export type ConversationSummary = z.output<typeof conversationSummary>
