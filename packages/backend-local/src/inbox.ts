import type { DatabaseSync } from 'node:sqlite'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { ChangedRow, Inbox, ListedRow } from '@godwit/server/ports/inbox.ts'
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

/** Before every row. */
const top = `1.${10 ** 15 - 1}`

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
  // By position, which a seek in the index tells without the row.
  const places = db.prepare(`
    SELECT conversation, pinned, position FROM (
      SELECT conversation, coalesce(f.pinned, 0) AS pinned,
        (SELECT position FROM entries WHERE conversation = mine.conversation AND seq <= mine.to_seq ORDER BY seq DESC LIMIT 1) AS position
      FROM (SELECT user, conversation, max(ifnull(to_seq, ${Number.MAX_SAFE_INTEGER})) AS to_seq FROM intervals
        WHERE user = ?1 GROUP BY conversation) AS mine
      LEFT JOIN flags AS f USING (user, conversation))
    WHERE (pinned, position) < (?2, ?3) ORDER BY pinned DESC, position DESC LIMIT ?4`)
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

    newest(userId: UserId, behind: string | null, limit: number): readonly ListedRow[] {
      const user = names.idOf(userId)
      const order = places.all(user, ...placeAt(behind), limit)
      const rows = seen(listed.all(user, JSON.stringify(order.map(({ conversation }) => conversation))))
      const byNumber = new Map(rows.map((own) => [own[0].conversation, own]))
      return order.flatMap(({ conversation, pinned, position }) => {
        const own = byNumber.get(Number(conversation))
        return own ? { ...inboxRowOf(names, own), last: lastOf(names, own[0]), place: `${pinned}.${position}` } : []
      })
    },
  }
}

function placeAt(place: string | null): readonly [pinned: number, position: number] {
  const [, pinned, position] = /^([01])\.(\d{1,15})$/.exec(place ?? top) ?? []
  if (position === undefined) throw new GodwitError('BAD_REQUEST')
  return [Number(pinned), Number(position)]
}
