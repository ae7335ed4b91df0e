import type { Entry } from '@godwit/protocol/entry.ts'
import type { Cursor } from '@godwit/server/ports/cursors.ts'
import type { InboxRow } from '@godwit/server/ports/inbox.ts'
import { headAt } from '@godwit/server/ports/place-entries.ts'
import { damaged } from './checksum.ts'
import { type EntryRow, entryColumnCount, entryOf, entryRowOf } from './entry-row.ts'
import {
  type MembershipRow,
  membershipColumnCount,
  membershipColumns,
  membershipOf,
  membershipRowOf,
  membershipTables,
  peer,
} from './membership-row.ts'
import type { Names } from './names.ts'

/** A membership beside the whole last entry, for its checksum, and cursors. */
export interface SeenRow {
  readonly conversation: number
  readonly membership: MembershipRow
  readonly last: EntryRow
  readonly cursor: Cursor
  /** The other one's; all zero where there is none. */
  readonly peerCursor: Cursor
  /** How far the conversation has come to the device asked about; 0 where none was. */
  readonly delivered: number
}

export const seenColumns = `${membershipColumns},
  e.conversation, e.seq, CAST(e.message_id AS TEXT), e.at, e.sender, e.client_id, e.count, e.membership_seq, e.kind, e.target,
  e.content, e.checksum,
  own.delivered, own.read, own.shown, own.at, theirs.delivered, theirs.read, theirs.shown, theirs.at`

export const seenTables = `${membershipTables}
  JOIN entries AS e ON e.position = (SELECT position FROM entries WHERE conversation = mine.conversation ORDER BY seq DESC LIMIT 1)
  LEFT JOIN cursors AS own ON own.conversation = mine.conversation AND own.user = mine.user
  LEFT JOIN cursors AS theirs ON theirs.conversation = mine.conversation AND theirs.user = ${peer}`

const [entryFrom, cursorsFrom] = [membershipColumnCount, membershipColumnCount + entryColumnCount]

/** Of `seenColumns` as an array, `device.delivered` behind them: null where no device was asked about. */
export function seenRowOf(columns: readonly unknown[]): SeenRow {
  const membership = membershipRowOf(columns)
  const last = entryRowOf(columns.slice(entryFrom, cursorsFrom))
  const cursors = columns.slice(cursorsFrom) as readonly (number | null)[]
  const [delivered, read, shown, at, peerDelivered, peerRead, peerShown, peerAt, deviceDelivered] = cursors
  return {
    conversation: membership.conversation,
    membership,
    last,
    cursor: { delivered: delivered ?? 0, read: read ?? 0, shown: shown ?? 0, at: at ?? 0 },
    peerCursor: { delivered: peerDelivered ?? 0, read: peerRead ?? 0, shown: peerShown ?? 0, at: peerAt ?? 0 },
    delivered: deviceDelivered ?? 0,
  }
}

/** Of the rows of one conversation. Throws STORAGE_DAMAGED, also where a broken index has led to another's entry. */
export function inboxRowOf(names: Names, rows: readonly [SeenRow, ...SeenRow[]]): InboxRow & { readonly last: Entry } {
  const [{ last: lastRow, cursor, peerCursor }] = rows
  const memberships = rows.map((row) => row.membership) as [MembershipRow, ...MembershipRow[]]
  const membership = membershipOf(names, memberships)
  const last = entryOf(names, lastRow)
  if (last.conversationId !== membership.conversationId) throw damaged(`the index of ${membership.conversationId}`)
  return { membership, head: headAt(last), last, cursor, peerCursor: memberships[0].peer === null ? null : peerCursor }
}
