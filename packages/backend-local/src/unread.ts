import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'

const none: UnreadCount = { unread: 0, mentions: 0 }

/** Unread counts (L8). Two index seeks where nothing is unread; else a scan from the newest that stops at `unreadMax` + 1. */
export function unreadCounter(db: DatabaseSync, names: Names): (question: UnreadQuestion) => UnreadCount {
  const countAt = db.prepare('SELECT count FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
  // `instr` is the cheap sieve before the JSON is read.
  const scan = db.prepare(`
    WITH counted AS (
      SELECT coalesce((
        SELECT content FROM entries AS edit
        WHERE edit.conversation = message.conversation AND edit.target = message.seq AND edit.kind = 'edit' AND edit.seq <= :upTo
        ORDER BY edit.seq DESC LIMIT 1), content) AS content
      FROM entries AS message
      WHERE conversation = :conversation AND seq > :after AND seq <= :upTo AND kind = 'message' AND sender IS NOT :sender
        AND NOT EXISTS (
          SELECT 1 FROM entries AS amendment
          WHERE amendment.conversation = message.conversation AND amendment.target = message.seq AND amendment.kind = 'delete')
      ORDER BY seq DESC LIMIT ${limits.unreadMax + 1})
    SELECT count(*) AS unread, coalesce(sum(
      instr(content, :userId) > 0 AND EXISTS (SELECT 1 FROM json_each(content, '$.mentions') WHERE value = :userId)), 0) AS mentions
    FROM counted`)

  const messagesUpTo = (conversation: number, seq: number) => (seq <= 0 ? 0 : Number(countAt.get(conversation, seq)?.count ?? 0))

  return ({ conversationId, userId, after, upTo }) => {
    const conversation = after < upTo ? names.idOf(conversationId) : null
    if (conversation === null || messagesUpTo(conversation, upTo) === messagesUpTo(conversation, after)) return none
    const row = scan.get({ userId, conversation, after, upTo, sender: names.idOf(userId) })
    return { unread: Number(row?.unread), mentions: Number(row?.mentions) }
  }
}
