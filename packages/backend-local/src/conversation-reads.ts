import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationState, Membership } from '@godwit/server/ports/conversations.ts'
import {
  byConversation,
  type IntervalRow,
  intervalColumns,
  intervalOf,
  type MembershipRow,
  membershipColumns,
  membershipOf,
  membershipOrder,
  membershipTables,
} from './membership-row.ts'
import type { Names } from './names.ts'

/** Runs in the reader thread, inside its snapshot. */
export function conversationReads(db: DatabaseSync, names: Names) {
  const one = db.prepare(
    'SELECT kind, name, created_by AS createdBy, history, applied, changed_at AS changedAt FROM conversations WHERE conversation = ?',
  )
  const intervals = db.prepare(`SELECT ${intervalColumns} FROM intervals AS mine WHERE conversation = ? ORDER BY user, from_seq`)
  const memberships = `SELECT ${membershipColumns} FROM ${membershipTables} WHERE mine.user = ?`
  const ofUser = db.prepare(`${memberships} ORDER BY ${membershipOrder}`)
  const inConversation = db.prepare(`${memberships} AND mine.conversation = ? ORDER BY ${membershipOrder}`)
  const quiet = db.prepare('SELECT conversation FROM flags WHERE user = ? AND (muted OR archived)')
  const shares = db.prepare(`
    SELECT 1 FROM intervals AS mine JOIN intervals AS theirs USING (conversation)
    WHERE mine.user = ? AND mine.to_seq IS NULL AND theirs.user = ? AND theirs.to_seq IS NULL LIMIT 1`)

  const membershipsIn = (rows: readonly object[]) => byConversation(rows as readonly MembershipRow[]).map((own) => membershipOf(names, own))

  return {
    loadConversation(conversationId: ConversationId): ConversationState | null {
      const conversation = names.idOf(conversationId)
      const row = one.get(conversation)
      if (!row || conversation === null) return null
      const { createdBy, ...state } = row as object as Omit<ConversationState, 'createdBy'> & { readonly createdBy: number }
      const rows = intervals.all(conversation) as object[] as IntervalRow[]
      return {
        ...state,
        conversationId,
        createdBy: names.nameOf<UserId>(createdBy),
        intervals: rows.map((interval) => intervalOf(names, interval)),
      }
    },

    membershipsOf(userId: UserId): readonly Membership[] {
      return membershipsIn(ofUser.all(names.idOf(userId)))
    },

    membership(conversationId: ConversationId, userId: UserId): Membership | null {
      return membershipsIn(inConversation.all(names.idOf(userId), names.idOf(conversationId)))[0] ?? null
    },

    quietOf(userId: UserId): readonly ConversationId[] {
      return quiet.all(names.idOf(userId)).map(({ conversation }) => names.nameOf<ConversationId>(Number(conversation)))
    },

    sharing(userId: UserId, others: readonly UserId[]): readonly UserId[] {
      const user = names.idOf(userId)
      return others.filter((other) => shares.get(user, names.idOf(other)) !== undefined)
    },
  }
}
