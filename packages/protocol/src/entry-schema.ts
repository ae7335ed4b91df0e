/**
 * The entry as a schema, for descriptions of the protocol (JSON Schema, OpenAPI) and for fixtures. Neither side parses entries with
 * it: the server alone writes them, and a client keeps kinds it does not know.
 */
import { z } from 'zod'
import type { Entry, FoldedEntry } from './entry.ts'
import { clientMsgId, conversationId, seq, userId } from './scalars.ts'

const role = z.enum(['owner', 'admin', 'member'])
const members = z.array(z.strictObject({ userId, role }))
const history = z.enum(['joined', 'all'])
const mentions = z.exactOptional(z.array(userId))

const header = {
  conversationId,
  seq,
  messageId: z.string().regex(/^\d{1,20}$/),
  at: z.number(),
  senderId: userId,
  clientMsgId,
  count: z.number().int().min(0),
  membershipSeq: seq,
}

const message = {
  ...header,
  kind: z.literal('message'),
  text: z.string(),
  mentions,
  replyTo: z.exactOptional(seq),
  body: z.exactOptional(z.strictObject({ type: z.string(), data: z.base64() })),
}

const amended = {
  edited: z.exactOptional(z.strictObject({ seq, at: z.number() })),
  deleted: z.exactOptional(z.strictObject({ seq, at: z.number(), by: userId })),
  reactions: z.exactOptional(z.array(z.strictObject({ emoji: z.string(), by: z.array(z.strictObject({ userId, seq })) }))),
}

const others = [
  z.strictObject({ ...header, kind: z.literal('edit'), target: seq, text: z.string(), mentions }),
  z.strictObject({ ...header, kind: z.literal('delete'), target: seq }),
  z.strictObject({ ...header, kind: z.literal('reaction'), target: seq, emoji: z.string(), on: z.boolean() }),
  z.strictObject({
    ...header,
    kind: z.literal('created'),
    conversation: z.enum(['direct', 'group']),
    name: z.string().nullable(),
    members,
    history,
  }),
  z.strictObject({ ...header, kind: z.literal('added'), members }),
  z.strictObject({ ...header, kind: z.literal('removed'), userId }),
  z.strictObject({ ...header, kind: z.literal('role'), userId, role }),
  z.strictObject({ ...header, kind: z.literal('renamed'), name: z.string() }),
  z.strictObject({ ...header, kind: z.literal('settings'), history }),
] as const

export const entry: z.ZodType<Entry> = z.discriminatedUnion('kind', [z.strictObject(message), ...others])
/** Only a message is amended. */
export const foldedEntry: z.ZodType<FoldedEntry> = z.discriminatedUnion('kind', [z.strictObject({ ...message, ...amended }), ...others])
