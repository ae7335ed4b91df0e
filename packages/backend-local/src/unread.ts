import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'

const none: UnreadCount = { unread: 0, mentions: 0 }

/**
 * Unread counts (L8), by arithmetic: the running counts of messages at both ends, less own messages and others' deleted ones in
 * between. What it costs grows with those alone, not with what is unread.
 */
export function unreadCounter(db: DatabaseSync, names: Names): (question: UnreadQuestion) => UnreadCount {
  const countAt = db.prepare('SELECT count FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
  const own = db.prepare(`
    SELECT count(*) AS count FROM entries INDEXED BY own_messages
    WHERE conversation = :conversation AND sender = :user AND kind = 'message' AND seq > :after AND seq <= :upTo`)
  const deleted = db.prepare(`
    SELECT count(DISTINCT deletion.target) AS count
    FROM entries AS deletion INDEXED BY deletions
    JOIN entries AS message ON message.conversation = deletion.conversation AND message.seq = deletion.target
    WHERE deletion.conversation = :conversation AND deletion.kind = 'delete'
      AND deletion.target > :after AND deletion.target <= :upTo AND deletion.seq <= :upTo
      AND message.kind = 'message' AND message.sender IS NOT :user`)
  const mentions = db.prepare(`
    SELECT count(*) AS count FROM mentions AS mention
    JOIN entries AS message ON message.conversation = mention.conversation AND message.seq = mention.target
    WHERE mention.conversation = :conversation AND mention.user = :user
      AND mention.target > :after AND mention.target <= :upTo AND mention.seq <= :upTo
      AND message.kind = 'message' AND message.sender <> :user
      AND NOT EXISTS (
        SELECT 1 FROM entries AS later
        WHERE later.conversation = mention.conversation AND later.target = mention.target AND later.seq <= :upTo
          AND (later.kind = 'delete' OR later.kind = 'edit' AND later.seq > mention.seq))`)

  const messagesUpTo = (conversation: number, seq: number) => (seq <= 0 ? 0 : Number(countAt.get(conversation, seq)?.count ?? 0))
  const bounded = (count: number) => Math.min(count, limits.unreadMax + 1)

  return ({ conversationId, userId, after, upTo }) => {
    const conversation = after < upTo ? names.idOf(conversationId) : null
    if (conversation === null) return none
    const messages = messagesUpTo(conversation, upTo) - messagesUpTo(conversation, after)
    if (messages === 0) return none
    const range = { conversation, user: names.idOf(userId), after, upTo }
    const unread = messages - Number(own.get(range)?.count) - Number(deleted.get(range)?.count)
    return { unread: bounded(unread), mentions: unread === 0 ? 0 : bounded(Number(mentions.get(range)?.count)) }
  }
}
