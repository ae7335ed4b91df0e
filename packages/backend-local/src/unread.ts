import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'

const none: UnreadCount = { unread: 0, mentions: 0 }

/** Unread counts (L8). Two index seeks where nothing is unread; else a scan from the newest that stops at `unreadMax` + 1. */
export function unreadCounter(db: DatabaseSync, names: Names): (question: UnreadQuestion) => UnreadCount {
  const countAt = db.prepare('SELECT count FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
  // Deletions and edits of the range are gathered once, by their targets: looked up message by message they were most of the work
  // of a resume. `instr` is the cheap sieve before the JSON is read.
  const scan = db.prepare(`
    WITH
      amendment AS MATERIALIZED (
        SELECT target, kind, seq, content FROM entries
        WHERE conversation = :conversation AND target > :after AND target <= :upTo AND kind IN ('delete', 'edit') AND seq <= :upTo),
      edit AS MATERIALIZED (SELECT target, content, max(seq) FROM amendment WHERE kind = 'edit' GROUP BY target),
      counted AS (
        SELECT coalesce(edit.content, message.content) AS content
        FROM entries AS message LEFT JOIN edit ON edit.target = message.seq
        WHERE message.conversation = :conversation AND message.seq > :after AND message.seq <= :upTo
          AND message.kind = 'message' AND message.sender IS NOT :sender
          AND message.seq NOT IN (SELECT target FROM amendment WHERE kind = 'delete')
        ORDER BY message.seq DESC LIMIT ${limits.unreadMax + 1})
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
