import type { Entry } from '@godwit/protocol/entry.ts'
import type { Cursor } from '@godwit/server/ports/cursors.ts'
import type { InboxRow } from '@godwit/server/ports/inbox.ts'
import { headAt } from '@godwit/server/ports/place-entries.ts'
import { damaged } from './checksum.ts'
import { type EntryRow, entryOf } from './entry-row.ts'
import { type MembershipRow, membershipColumns, membershipOf, membershipTables, peer } from './membership-row.ts'
import type { Names } from './names.ts'

/** A membership beside the whole last entry, for its checksum, and cursors. */
export interface SeenRow extends MembershipRow {
  readonly headConversation: number
  readonly headKind: string
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly sender: number
  readonly clientMsgId: string
  readonly count: number
  readonly membershipSeq: number
  readonly target: number | null
  readonly content: string
  readonly checksum: number
  /** null where there is no cursor. */
  readonly ownAt: number | null
  readonly ownDelivered: number
  readonly ownRead: number
  readonly ownShown: number
  readonly peerAt: number | null
  readonly peerDelivered: number
  readonly peerRead: number
  readonly peerShown: number
}

export const seenColumns = `${membershipColumns},
  e.conversation AS headConversation, e.kind AS headKind, e.seq, CAST(e.message_id AS TEXT) AS messageId, e.at, e.sender,
  e.client_id AS clientMsgId, e.count, e.membership_seq AS membershipSeq, e.target, e.content, e.checksum,
  own.at AS ownAt, own.delivered AS ownDelivered, own.read AS ownRead, own.shown AS ownShown,
  theirs.at AS peerAt, theirs.delivered AS peerDelivered, theirs.read AS peerRead, theirs.shown AS peerShown`

export const seenTables = `${membershipTables}
  JOIN entries AS e ON e.position = (SELECT position FROM entries WHERE conversation = mine.conversation ORDER BY seq DESC LIMIT 1)
  LEFT JOIN cursors AS own ON own.conversation = mine.conversation AND own.user = mine.user
  LEFT JOIN cursors AS theirs ON theirs.conversation = mine.conversation AND theirs.user = ${peer}`

const zero: Cursor = { delivered: 0, read: 0, shown: 0, at: 0 }

/** Of the rows of one conversation. Throws STORAGE_DAMAGED, also where a broken index has led to another's entry. */
export function inboxRowOf(names: Names, rows: readonly [SeenRow, ...SeenRow[]]): InboxRow & { readonly last: Entry } {
  const [row] = rows
  const { ownAt, ownDelivered, ownRead, ownShown, peerAt, peerDelivered, peerRead, peerShown } = row
  const cursor = ownAt === null ? zero : { delivered: ownDelivered, read: ownRead, shown: ownShown, at: ownAt }
  const peerCursor = peerAt === null ? zero : { delivered: peerDelivered, read: peerRead, shown: peerShown, at: peerAt }
  const membership = membershipOf(names, rows)
  const last = entryOf(names, lastRow(row))
  if (last.conversationId !== membership.conversationId) throw damaged(`the index of ${membership.conversationId}`)
  return { membership, head: headAt(last), last, cursor, peerCursor: row.peer === null ? null : peerCursor }
}

function lastRow(row: SeenRow): EntryRow {
  const { headConversation, headKind, seq, messageId, at, sender, clientMsgId, count, membershipSeq, target, content, checksum } = row
  const rest = { seq, messageId, at, sender, clientMsgId, count, membershipSeq, target, content, checksum }
  return { conversation: headConversation, kind: headKind, ...rest }
}
