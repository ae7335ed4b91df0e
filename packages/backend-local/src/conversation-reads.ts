import type { DatabaseSync } from 'node:sqlite'
import type { ConversationKind, HistorySetting, Role } from '@godwit/protocol/entry.ts'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationState, Interval, Membership } from '@godwit/server/ports/conversations.ts'
import type { Names } from './names.ts'

interface IntervalRow {
  readonly user: number
  readonly from: number
  readonly joined: number
  readonly to: number | null
  readonly role: Role
}

/** One row for each interval of the user; the columns of the conversation repeat. */
interface MembershipRow extends IntervalRow {
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

const intervalColumns = 'mine.user, mine.from_seq AS "from", mine.joined_seq AS joined, mine.to_seq AS "to", mine.role'

const selectMemberships = `
  SELECT ${intervalColumns}, conversation, c.kind, c.name, c.history, c.applied, c.changed_at AS changedAt,
    c.member_count AS memberCount, f.muted, f.archived, f.pinned, f.at AS flagsAt,
    iif(c.kind = 'direct',
      (SELECT peer.user FROM intervals AS peer WHERE peer.conversation = mine.conversation AND peer.user <> mine.user LIMIT 1),
      NULL) AS peer
  FROM intervals AS mine JOIN conversations AS c USING (conversation) LEFT JOIN flags AS f USING (user, conversation)
  WHERE mine.user = ?`

/** Runs in the reader thread, inside its snapshot. */
export function conversationReads(db: DatabaseSync, names: Names) {
  const one = db.prepare(
    'SELECT kind, name, created_by AS createdBy, history, applied, changed_at AS changedAt FROM conversations WHERE conversation = ?',
  )
  const intervals = db.prepare(`SELECT ${intervalColumns} FROM intervals AS mine WHERE conversation = ? ORDER BY user, from_seq`)
  const ofUser = db.prepare(`${selectMemberships} ORDER BY conversation, from_seq`)
  const inConversation = db.prepare(`${selectMemberships} AND conversation = ? ORDER BY from_seq`)
  const shares = db.prepare(`
    SELECT 1 FROM intervals AS mine JOIN intervals AS theirs USING (conversation)
    WHERE mine.user = ? AND mine.to_seq IS NULL AND theirs.user = ? AND theirs.to_seq IS NULL LIMIT 1`)

  const intervalOf = ({ user, from, joined, to, role }: IntervalRow): Interval => ({
    userId: names.nameOf<UserId>(user),
    from,
    joined,
    to,
    role,
  })

  /** Rows come grouped by conversation. */
  function membershipsIn(rows: readonly MembershipRow[]): readonly Membership[] {
    const memberships: (Membership & { readonly intervals: Interval[] })[] = []
    let conversation: number | null = null
    for (const row of rows) {
      if (row.conversation === conversation) memberships.at(-1)?.intervals.push(intervalOf(row))
      else memberships.push({ ...membershipOf(row), intervals: [intervalOf(row)] })
      conversation = row.conversation
    }
    return memberships
  }

  function membershipOf(row: MembershipRow): Omit<Membership, 'intervals'> {
    const { kind, name, history, applied, changedAt, memberCount } = row
    return {
      conversationId: names.nameOf<ConversationId>(row.conversation),
      kind,
      name,
      history,
      applied,
      changedAt,
      memberCount,
      peerId: row.peer === null ? null : names.nameOf<UserId>(row.peer),
      flags: { muted: row.muted === 1, archived: row.archived === 1, pinned: row.pinned === 1 },
      flagsAt: row.flagsAt ?? 0,
    }
  }

  return {
    loadConversation(conversationId: ConversationId): ConversationState | null {
      const conversation = names.idOf(conversationId)
      const row = one.get(conversation)
      if (!row || conversation === null) return null
      const { createdBy, ...state } = row as object as Omit<ConversationState, 'createdBy'> & { readonly createdBy: number }
      const rows = intervals.all(conversation) as object[] as IntervalRow[]
      return { ...state, conversationId, createdBy: names.nameOf<UserId>(createdBy), intervals: rows.map(intervalOf) }
    },

    membershipsOf(userId: UserId): readonly Membership[] {
      return membershipsIn(ofUser.all(names.idOf(userId)) as object[] as MembershipRow[])
    },

    membership(conversationId: ConversationId, userId: UserId): Membership | null {
      const rows = inConversation.all(names.idOf(userId), names.idOf(conversationId)) as object[] as MembershipRow[]
      return membershipsIn(rows)[0] ?? null
    },

    sharing(userId: UserId, others: readonly UserId[]): readonly UserId[] {
      const user = names.idOf(userId)
      return others.filter((other) => shares.get(user, names.idOf(other)) !== undefined)
    },
  }
}
