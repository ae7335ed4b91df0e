import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'
import { type EntryFacts, UnreadTail } from './unread-tail.ts'

const none: UnreadCount = { unread: 0, mentions: 0 }

/** How many of the newest entries are looked at first; then four times as many, until the count is complete. */
const firstLook = 16

/**
 * Unread counts (L8). Two index seeks where nothing is unread; else a count over the newest entries, which stay in memory for all
 * members of a conversation: when a thousand of them come back at once, its log is read once.
 */
export function unreadCounter(db: DatabaseSync, names: Names): (question: UnreadQuestion) => UnreadCount {
  const lastUpTo = db.prepare('SELECT seq, count FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
  // `instr` is the cheap sieve before the JSON is read.
  const facts = db.prepare(`
    SELECT seq, kind, sender, target, iif(instr(content, '"mentions"') > 0, content -> '$.mentions', NULL) AS mentions
    FROM entries WHERE conversation = ? AND seq >= ? AND seq <= ? ORDER BY seq`)
  /** In the order of use. */
  const tails = new Map<number, UnreadTail>()

  /** The last entry at or below `seq`, with the messages up to there. */
  const last = (conversation: number, seq: number) => {
    const row = seq <= 0 ? undefined : lastUpTo.get(conversation, seq)
    return { seq: Number(row?.seq ?? 0), messages: Number(row?.count ?? 0) }
  }

  function readTo(tail: UnreadTail, conversation: number, upTo: number): UnreadTail {
    for (const row of facts.iterate(conversation, tail.to + 1, upTo)) tail.add(row as object as EntryFacts)
    return tail
  }

  function tailOf(conversation: number, from: number, upTo: number): UnreadTail {
    const kept = tails.get(conversation)
    // What is kept knows of deletions behind `upTo`, which have not happened yet for who asks.
    if (kept && kept.to > upTo) return readTo(new UnreadTail(from), conversation, upTo)
    const tail = readTo(kept?.reaches(from) ? kept : new UnreadTail(from), conversation, upTo)
    keep(conversation, tail)
    return tail
  }

  function keep(conversation: number, tail: UnreadTail): void {
    tails.delete(conversation)
    tails.set(conversation, tail)
    if (tails.size <= limits.storeTailsMax) return
    const [oldest] = tails.keys()
    tails.delete(oldest as number)
  }

  return ({ conversationId, userId, after, upTo }) => {
    const conversation = after < upTo ? names.idOf(conversationId) : null
    if (conversation === null) return none
    const head = last(conversation, upTo)
    if (head.messages === last(conversation, after).messages) return none
    const user = names.idOf(userId)
    for (let look = firstLook; ; look *= 4) {
      const from = Math.max(head.seq - look, 0) + 1
      const tail = tailOf(conversation, from, head.seq)
      const count = tail.count(user, userId, after)
      tail.trim(limits.storeTailEntriesMax)
      if (from <= after + 1 || count.unread > limits.unreadMax) return count
    }
  }
}
