import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import type { ConversationState, Conversations } from '@godwit/server/ports/conversations.ts'
import type { NewNames } from './names.ts'
import type { Threads } from './threads.ts'

export function localConversations({ writer, reader }: Threads): Conversations {
  return {
    load: (conversationId) => reader.call('loadConversation', conversationId),
    project: (expected, state) => writer.call('project', expected, state),
    membershipsOf: (userId) => reader.call('membershipsOf', userId),
    membership: (conversationId, userId) => reader.call('membership', conversationId, userId),
    quietOf: (userId) => reader.call('quietOf', userId),
    setFlags: (conversationId, userId, flags, at) => writer.call('setFlags', conversationId, userId, flags, at),
    sharing: (userId, others) => reader.call('sharing', userId, others),
  }
}

export function conversationWrites(db: DatabaseSync, names: NewNames) {
  const applied = db.prepare('SELECT applied FROM conversations WHERE conversation = ?')
  const put = db.prepare('REPLACE INTO conversations VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  // Most intervals of a state stand as they are: those cost no page.
  const putInterval = db.prepare(`
    INSERT INTO intervals (conversation, user, from_seq, joined_seq, to_seq, role) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET joined_seq = excluded.joined_seq, to_seq = excluded.to_seq, role = excluded.role
    WHERE joined_seq <> excluded.joined_seq OR to_seq IS NOT excluded.to_seq OR role <> excluded.role`)
  const countIntervals = db.prepare('SELECT count(*) AS count FROM intervals WHERE conversation = ?')
  const dropIntervals = db.prepare('DELETE FROM intervals WHERE conversation = ?')
  const putFlags = db.prepare(`
    INSERT INTO flags (user, conversation, muted, archived, pinned, at)
    VALUES (:user, :conversation, coalesce(:muted, 0), coalesce(:archived, 0), coalesce(:pinned, 0), :at)
    ON CONFLICT DO UPDATE SET
      muted = coalesce(:muted, muted), archived = coalesce(:archived, archived), pinned = coalesce(:pinned, pinned), at = :at`)

  function putIntervals(conversation: number, { intervals }: ConversationState): void {
    for (const { userId, from, joined, to, role } of intervals) putInterval.run(conversation, names.idFor(userId), from, joined, to, role)
  }

  return {
    project(expected: number, state: ConversationState): boolean {
      const conversation = names.idFor(state.conversationId)
      if (Number(applied.get(conversation)?.applied ?? 0) !== expected) return false
      const { kind, name, createdBy, history, intervals, changedAt } = state
      const memberCount = new Set(intervals.filter(({ to }) => to === null).map(({ userId }) => userId)).size
      put.run(conversation, kind, name, names.idFor(createdBy), history, state.applied, changedAt, memberCount)
      putIntervals(conversation, state)
      if (countIntervals.get(conversation)?.count !== intervals.length) {
        dropIntervals.run(conversation)
        putIntervals(conversation, state)
      }
      return true
    },

    setFlags(conversationId: ConversationId, userId: UserId, { muted, archived, pinned }: Partial<ConversationFlags>, at: number): void {
      const asInteger = (flag: boolean | undefined) => (flag === undefined ? null : Number(flag))
      putFlags.run({
        user: names.idFor(userId),
        conversation: names.idFor(conversationId),
        muted: asInteger(muted),
        archived: asInteger(archived),
        pinned: asInteger(pinned),
        at,
      })
    },
  }
}
