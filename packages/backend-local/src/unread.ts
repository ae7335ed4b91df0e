import type { DatabaseSync } from 'node:sqlite'
import { limits } from '@godwit/protocol/limits.ts'
import type { UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import type { Names } from './names.ts'
import { type EntryFacts, UnreadTail } from './unread-tail.ts'
import { UnreadTails } from './unread-tails.ts'

const none: UnreadCount = { unread: 0, mentions: 0 }

/** How many of the newest entries are looked at first; then four times as many, until the count is complete. */
const firstLook = 16

type Row = readonly [seq: number, kind: string, sender: number, target: number | null, mentions: string | null]

/**
 * Unread counts (L8). Two index seeks where nothing is unread; else a count over the newest entries, which stay in memory for all
 * members of a conversation: when a thousand of them come back at once, its log is read once, and who asks again costs no seek.
 *
 * Answers the first of the questions: as many as can be had for `unreadEntriesMax` rows or little more, and one at least. Who asks goes
 * on with the rest, and other reads come in between.
 */
export function unreadCounter(db: DatabaseSync, names: Names): (questions: readonly UnreadQuestion[]) => readonly UnreadCount[] {
  const lastUpTo = db.prepare('SELECT seq, count FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1')
  // `instr` is the cheap sieve before the JSON is read. Rows are arrays: that takes half the time of objects.
  const facts = db.prepare(`
    SELECT seq, kind, sender, target, iif(instr(content, '"mentions"') > 0, content -> '$.mentions', NULL)
    FROM entries WHERE conversation = ? AND seq >= ? AND seq <= ? ORDER BY seq`)
  facts.setReturnArrays(true)
  const tails = new UnreadTails()
  let rowsRead = 0

  /** The last entry at or below `seq`, with the messages up to there. */
  const last = (conversation: number, seq: number) => {
    const row = seq <= 0 ? undefined : lastUpTo.get(conversation, seq)
    return { seq: Number(row?.seq ?? 0), messages: Number(row?.count ?? 0) }
  }

  function readTo(tail: UnreadTail, conversation: number, upTo: number): UnreadTail {
    if (upTo <= tail.to) return tail
    const rows = facts.all(conversation, tail.to + 1, upTo) as unknown as readonly Row[]
    for (const [seq, kind, sender, target, mentions] of rows) tail.add({ seq, kind, sender, target, mentions } satisfies EntryFacts)
    rowsRead += rows.length
    return tail
  }

  function tailOf(conversation: number, from: number, upTo: number): UnreadTail {
    const kept = tails.get(conversation)
    const isEnough = kept?.reaches(from, upTo) === true
    // An eighth more than is asked for: who comes with a head that is a little behind looks a little deeper.
    const deeper = Math.max(from - ((upTo - from) >> 3), 1)
    const tail = readTo(isEnough ? kept : new UnreadTail(deeper), conversation, Math.max(upTo, kept?.to ?? 0))
    // More has been amended since that head than a tail remembers.
    return tail.reaches(from, upTo) ? tail : readTo(new UnreadTail(from), conversation, upTo)
  }

  function count({ conversationId, userId, after: cursor, upTo }: UnreadQuestion): UnreadCount {
    const conversation = cursor < upTo ? names.idOf(conversationId) : null
    if (conversation === null) return none
    const user = names.idOf(userId)
    const kept = tails.get(conversation)
    const deepest = Math.max(cursor, upTo - limits.unreadEntriesMax)
    if (kept && upTo <= kept.to && kept.reaches(deepest + 1, upTo)) {
      tails.keep(conversation, kept)
      return kept.count(user, userId, deepest, upTo)
    }
    const head = last(conversation, upTo)
    const after = Math.max(cursor, head.seq - limits.unreadEntriesMax)
    if (head.messages === last(conversation, after).messages) return none
    for (let look = firstLook; ; look *= 4) {
      const from = Math.max(head.seq - look, after) + 1
      const tail = tailOf(conversation, from, head.seq)
      const counted = tail.count(user, userId, after, head.seq)
      if (tail.to >= (tails.get(conversation)?.to ?? 0)) tails.keep(conversation, tail)
      if (from === after + 1 || counted.unread > limits.unreadMax) return counted
    }
  }

  return (questions) => {
    rowsRead = 0
    const counts: UnreadCount[] = []
    for (const question of questions) {
      counts.push(count(question))
      if (rowsRead >= limits.unreadEntriesMax) break
    }
    return counts
  }
}
