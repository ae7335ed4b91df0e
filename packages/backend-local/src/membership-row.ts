import type { ConversationKind, HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Interval, Membership } from '@godwit/server/ports/conversations.ts'
import type { Names } from './names.ts'

export interface IntervalRow {
  readonly user: number
  readonly from: number
  readonly joined: number
  readonly to: number | null
  readonly role: Role
}

/** One row for each interval of the user; the columns of the conversation repeat. */
export interface MembershipRow extends IntervalRow {
  readonly conversation: number
  readonly kind: ConversationKind
  readonly name: string | null
  readonly history: HistorySetting
  readonly applied: number
  readonly changedAt: number
  readonly memberCount: number
  readonly peer: number | null
  readonly muted: number | null
  readonly archived: number | null
  readonly pinned: number | null
  readonly flagsAt: number | null
}

export const intervalColumns = 'mine.user, mine.from_seq AS "from", mine.joined_seq AS joined, mine.to_seq AS "to", mine.role'

/** The other one of a `direct` conversation. */
export const peer = `iif(c.kind = 'direct',
  (SELECT user FROM intervals WHERE conversation = mine.conversation AND user <> mine.user LIMIT 1), NULL)`

export const membershipColumns = `${intervalColumns}, mine.conversation, c.kind, c.name, c.history, c.applied, c.changed_at AS changedAt,
  c.member_count AS memberCount, f.muted, f.archived, f.pinned, f.at AS flagsAt, ${peer} AS peer`

type MembershipColumns = readonly [
  user: number,
  from: number,
  joined: number,
  to: number | null,
  role: Role,
  conversation: number,
  kind: ConversationKind,
  name: string | null,
  history: HistorySetting,
  applied: number,
  changedAt: number,
  memberCount: number,
  muted: number | null,
  archived: number | null,
  pinned: number | null,
  flagsAt: number | null,
  peer: number | null,
]

export const membershipColumnCount: MembershipColumns['length'] = 17

/** Of a row that came as an array, as in `entry-row.ts`. */
export function membershipRowOf(columns: readonly unknown[]): MembershipRow {
  const [
    user,
    from,
    joined,
    to,
    role,
    conversation,
    kind,
    name,
    history,
    applied,
    changedAt,
    memberCount,
    muted,
    archived,
    pinned,
    flagsAt,
    peer,
  ] = columns as MembershipColumns
  const interval = { user, from, joined, to, role }
  return { ...interval, conversation, kind, name, history, applied, changedAt, memberCount, muted, archived, pinned, flagsAt, peer }
}

export const membershipTables = `intervals AS mine
  JOIN conversations AS c ON c.conversation = mine.conversation
  LEFT JOIN flags AS f ON f.user = mine.user AND f.conversation = mine.conversation`

/** So that intervals of one conversation come together, and rising. */
export const membershipOrder = 'mine.conversation, mine.from_seq'

export function intervalOf(names: Names, { user, from, joined, to, role }: IntervalRow): Interval {
  return { userId: names.nameOf<UserId>(user), from, joined, to, role }
}

/** The rows of one conversation each, given in `membershipOrder`. */
export function byConversation<Row extends { readonly conversation: number }>(rows: readonly Row[]): readonly (readonly [Row, ...Row[]])[] {
  const groups: [Row, ...Row[]][] = []
  for (const row of rows) {
    const group = groups.at(-1)
    if (group?.[0].conversation === row.conversation) group.push(row)
    else groups.push([row])
  }
  return groups
}

/** Of the rows of one conversation. */
export function membershipOf(names: Names, rows: readonly [MembershipRow, ...MembershipRow[]]): Membership {
  const { conversation, kind, name, history, applied, changedAt, memberCount, peer, muted, archived, pinned, flagsAt } = rows[0]
  return {
    conversationId: names.nameOf<ConversationId>(conversation),
    kind,
    name,
    history,
    applied,
    changedAt,
    memberCount,
    intervals: rows.map((row) => intervalOf(names, row)),
    peerId: peer === null ? null : names.nameOf<UserId>(peer),
    flags: { muted: muted === 1, archived: archived === 1, pinned: pinned === 1 },
    flagsAt: flagsAt ?? 0,
  }
}
