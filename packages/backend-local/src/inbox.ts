import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { ChangedRow, Inbox, ListedRow, Place } from '@godwit/server/ports/inbox.ts'
import { inboxRowOf, seenColumns, seenRowOf, seenTables } from './inbox-row.ts'
import { LastTimes } from './last-times.ts'
import { firstBehind, type Spot } from './list-order.ts'
import { byConversation, membershipOrder } from './membership-row.ts'
import type { Names } from './names.ts'
import type { Threads } from './threads.ts'

export function localInbox({ reader }: Threads): Inbox {
  return {
    changedSince: (userId, deviceId, at) => reader.call('changedSince', userId, deviceId, at),
    newest: (userId, behind, limit) => reader.call('newest', userId, behind, limit),
  }
}

/**
 * Runs in the reader thread, inside its snapshot. Each question is a few statements over all conversations, because to call a statement
 * costs more than what it does for one.
 */
export function inboxReads(db: DatabaseSync, names: Names) {
  /** All of a user's, and those of them whose projection or cursors changed at that time or later. Both cursors of a `direct` one count. */
  const theirs = db.prepare(`
    SELECT json_group_array(DISTINCT mine.conversation) AS conversations, json_group_array(mine.conversation) FILTER (WHERE
      c.changed_at >= ?2
      OR CASE c.kind WHEN 'direct' THEN EXISTS (SELECT 1 FROM cursors WHERE conversation = mine.conversation AND at >= ?2)
        ELSE (SELECT at FROM cursors WHERE conversation = mine.conversation AND user = ?1) >= ?2 END) AS touched
    FROM intervals AS mine JOIN conversations AS c ON c.conversation = mine.conversation WHERE mine.user = ?1`)
  /** One look at all that a user has set costs less than one for each conversation. */
  const flagged = db.prepare('SELECT conversation FROM flags WHERE user = ? AND at >= ?')
  const open = db.prepare(`
    SELECT json_group_array(conversation) AS conversations FROM intervals WHERE user = ? AND to_seq IS NULL`)
  const left = db.prepare(`
    SELECT conversation,
      (SELECT at FROM entries WHERE conversation = mine.conversation AND seq <= mine.to_seq ORDER BY seq DESC LIMIT 1) AS lastAt
    FROM (SELECT conversation, max(to_seq) AS to_seq FROM intervals WHERE user = ? AND to_seq IS NOT NULL GROUP BY conversation) AS mine`)
  const pinned = db.prepare('SELECT conversation FROM flags WHERE user = ? AND pinned')
  const rows = db.prepare(`
    SELECT ${seenColumns}, device.delivered
    FROM ${seenTables} LEFT JOIN deliveries AS device ON device.device = ?3 AND device.conversation = mine.conversation
    WHERE mine.user = ?1 AND mine.conversation IN (SELECT value FROM json_each(?2)) ORDER BY ${membershipOrder}`)
  rows.setReturnArrays(true)

  const lastTimes = new LastTimes(db)

  const numbers = (column: unknown) => JSON.parse(String(column)) as readonly number[]

  /** Of these conversations, and how far they have come to this device. */
  function seen(user: number | null, conversations: readonly number[], device: number | null) {
    if (conversations.length === 0) return []
    const found = rows.all(user, JSON.stringify(conversations), device) as unknown as readonly (readonly unknown[])[]
    return byConversation(found.map(seenRowOf))
  }

  /** All of a user's list, by the last entry that the user may see. Who has come back to a conversation sees its last. */
  function spotsOf(user: number | null): readonly Spot[] {
    const isPinned = new Set(pinned.all(user).map(({ conversation }) => Number(conversation)))
    const now = numbers(open.get(user)?.conversations)
    const times = lastTimes.of(now)
    const spotOf = (conversation: number, lastAt: number): Spot => ({ conversation, pinned: isPinned.has(conversation), lastAt })
    const spots = now.map((conversation, nth) => spotOf(conversation, times[nth] ?? 0))
    const gone = left.all(user)
    if (gone.length === 0) return spots
    const isMember = new Set(now)
    for (const { conversation, lastAt } of gone)
      if (!isMember.has(Number(conversation))) spots.push(spotOf(Number(conversation), Number(lastAt)))
    return spots
  }

  return {
    changedSince(userId: UserId, deviceId: DeviceId, at: number): readonly ChangedRow[] {
      const user = names.idOf(userId)
      const found = theirs.get(user, at)
      const conversations = numbers(found?.conversations)
      const times = lastTimes.of(conversations)
      const isTouched = new Set(numbers(found?.touched))
      for (const { conversation } of flagged.all(user, at)) isTouched.add(Number(conversation))
      const changed = conversations.filter((conversation, nth) => (times[nth] ?? 0) >= at || isTouched.has(conversation))
      return seen(user, changed, names.idOf(deviceId)).map((own) => ({ ...inboxRowOf(names, own), delivered: own[0].delivered }))
    },

    newest(userId: UserId, behind: Place | null, limit: number): readonly ListedRow[] {
      const user = names.idOf(userId)
      const page = firstBehind(names, spotsOf(user), behind, limit)
      const shown = seen(
        user,
        page.map(({ conversation }) => conversation),
        null,
      )
      const byNumber = new Map(shown.map((own) => [own[0].conversation, own]))
      return page.flatMap(({ conversation, pinned, lastAt }) => {
        const own = byNumber.get(conversation)
        if (!own) return []
        const conversationId = names.nameOf<ConversationId>(conversation)
        return { ...inboxRowOf(names, own), place: { pinned, lastAt, conversationId } }
      })
    },
  }
}
