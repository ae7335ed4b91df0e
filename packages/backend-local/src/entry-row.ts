import { type Entry, type EntryContent, isAmendment } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Head } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'

/** What the statements below select. */
export interface EntryRow {
  readonly conversation: number
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly sender: number
  readonly clientMsgId: string
  readonly count: number
  readonly membershipSeq: number
  readonly kind: string
  readonly target: number | null
  readonly content: string
}

/** A Snowflake has 63 bits: it becomes text before it becomes a JavaScript value. */
export const entryColumns = `conversation, seq, CAST(message_id AS TEXT) AS messageId, at, sender, client_id AS clientMsgId,
  count, membership_seq AS membershipSeq, kind, target, content`

export const headColumns = 'seq, count, membership_seq AS membershipSeq, at'

export const selectHead = `SELECT ${headColumns} FROM entries WHERE conversation = ? ORDER BY seq DESC LIMIT 1`

/** Kind and target have columns of their own, the rest is JSON: a kind that this version does not know survives whole. */
export function contentColumns(content: EntryContent): { readonly kind: string; readonly target: number | null; readonly json: string } {
  if (isAmendment(content)) {
    const { kind, target, ...rest } = content
    return { kind, target, json: JSON.stringify(rest) }
  }
  const { kind, ...rest } = content
  return { kind, target: null, json: JSON.stringify(rest) }
}

export function entryOf(names: Names, row: EntryRow): Entry {
  const content = { kind: row.kind, ...(row.target === null ? {} : { target: row.target }), ...JSON.parse(row.content) } as EntryContent
  return {
    ...content,
    conversationId: names.nameOf<ConversationId>(row.conversation),
    seq: row.seq,
    messageId: row.messageId,
    at: row.at,
    senderId: names.nameOf<UserId>(row.sender),
    clientMsgId: row.clientMsgId,
    count: row.count,
    membershipSeq: row.membershipSeq,
  }
}

export function headOf(row: object | undefined): Head | null {
  return row ? ({ ...row } as Head) : null
}
