import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { ChangedRow, Inbox, ListedRow, Place } from '@godwit/server/ports/inbox.ts'
import { inboxRowOf, lastOf, type SeenRow, seenColumns, seenTables } from './inbox-row.ts'
import { byConversation, membershipOrder } from './membership-row.ts'
import type { Names } from './names.ts'
import type { Threads } from './threads.ts'

export function localInbox({ reader }: Threads): Inbox {
  return {
    changedSince: (userId, deviceId, at) => reader.call('changedSince', userId, deviceId, at),
    newest: (userId, behind, limit) => reader.call('newest', userId, behind, limit),
  }
}

/** Sorts before every row: a pinned one has 1. */
const top = 2

/**
 * Runs in the reader thread, inside its snapshot. Each question is one statement or two, because to call a statement costs more than
 * what it does for a conversation.
 */
export function inboxReads(db: DatabaseSync, names: Names) {
  // The sieve asks only of the first tables, so SQLite puts it before the joins that follow them.
  const changed = db.prepare(`
    SELECT ${seenColumns}, device.delivered
    FROM ${seenTables} LEFT JOIN deliveries AS device ON device.device = ?2 AND device.conversation = mine.conversation
    WHERE mine.user = ?1 AND (
      c.changed_at >= ?3 OR f.at >= ?3
      OR EXISTS (SELECT 1 FROM cursors WHERE conversation = mine.conversation AND user = mine.user AND at >= ?3)
      OR (c.kind = 'direct' AND EXISTS (SELECT 1 FROM cursors WHERE conversation = mine.conversation AND at >= ?3))
      OR (SELECT at FROM entries WHERE conversation = mine.conversation ORDER BY seq DESC LIMIT 1) >= ?3)
    ORDER BY ${membershipOrder}`)
  const places = db.prepare(`
    SELECT conversation, pinned, lastAt FROM (
      SELECT conversation, coalesce(f.pinned, 0) AS pinned,
        (SELECT at FROM entries WHERE conversation = mine.conversation AND seq <= mine.to_seq ORDER BY seq DESC LIMIT 1) AS lastAt,
        (SELECT name FROM names WHERE id = mine.conversation) AS name
      FROM (SELECT user, conversation, max(ifnull(to_seq, ${Number.MAX_SAFE_INTEGER})) AS to_seq FROM intervals
        WHERE user = ?1 GROUP BY conversation) AS mine
      LEFT JOIN flags AS f USING (user, conversation))
    WHERE (pinned, lastAt, name) < (?2, ?3, ?4) ORDER BY pinned DESC, lastAt DESC, name DESC LIMIT ?5`)
  const listed = db.prepare(`
    SELECT ${seenColumns} FROM ${seenTables}
    WHERE mine.user = ?1 AND mine.conversation IN (SELECT value FROM json_each(?2)) ORDER BY ${membershipOrder}`)

  const seen = <Row extends SeenRow>(rows: readonly object[]) => byConversation(rows as readonly Row[])

  return {
    changedSince(userId: UserId, deviceId: DeviceId, at: number): readonly ChangedRow[] {
      const rows = changed.all(names.idOf(userId), names.idOf(deviceId), at)
      return seen<SeenRow & { readonly delivered: number | null }>(rows).map((own) => ({
        ...inboxRowOf(names, own),
        delivered: own[0].delivered ?? 0,
      }))
    },

    newest(userId: UserId, behind: Place | null, limit: number): readonly ListedRow[] {
      const user = names.idOf(userId)
      const from = behind ? [Number(behind.pinned), behind.lastAt, behind.conversationId] : [top, 0, '']
      const order = places.all(user, ...from, limit)
      const rows = seen(listed.all(user, JSON.stringify(order.map(({ conversation }) => conversation))))
      const byNumber = new Map(rows.map((own) => [own[0].conversation, own]))
      return order.flatMap(({ conversation, pinned, lastAt }) => {
        const own = byNumber.get(Number(conversation))
        if (!own) return []
        const conversationId = names.nameOf<ConversationId>(Number(conversation))
        const place = { pinned: pinned === 1, lastAt: Number(lastAt), conversationId }
        return { ...inboxRowOf(names, own), last: lastOf(names, own[0]), place }
      })
    },
  }
}
