import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey, Head, ReadRange, ReadResult, StoredId, UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import { headAt } from '@godwit/server/ports/place-entries.ts'
import { damaged } from './checksum.ts'
import { entryColumnCount, entryColumns, entryOf, entryRowOf, headOf, selectHead } from './entry-row.ts'
import type { Names } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'
import { unreadCounter } from './unread.ts'

/** Runs in the reader thread, inside its snapshot. */
export function messageLogReads(db: DatabaseSync, names: Names) {
  // With the head's seq beside each: most pages are read from the top, and hold the head itself.
  const inRange = `
    SELECT ${entryColumns}, (SELECT max(seq) FROM entries WHERE conversation = ?1) FROM entries
    WHERE conversation = ?1 AND seq >= ?2 AND seq <= ?3 ORDER BY seq`
  const up = db.prepare(`${inRange} LIMIT ?4`)
  const down = db.prepare(`${inRange} DESC LIMIT ?4`)
  const amendments = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND target BETWEEN ? AND ?`)
  const head = db.prepare(selectHead)
  const stored = db.prepare(storedIdSelect)
  const lastUpTo = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`)
  const one = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq = ?`)
  for (const statement of [up, down, amendments, one]) statement.setReturnArrays(true)
  const unread = unreadCounter(db, names)

  /** The targets of a page are one range. */
  function amendmentsOf(conversation: number, conversationId: ConversationId, entries: readonly Entry[]): readonly Entry[] {
    const [first, last] = [entries.at(0), entries.at(-1)]
    const found = first && last ? entriesOf(amendments.all(conversation, first.seq, last.seq)) : []
    if (found.some((entry) => entry.conversationId !== conversationId)) throw damaged(`the index of ${conversationId}`)
    // Most pages have none, and a sorter of SQLite is set up for each question.
    return found.sort((one, other) => one.seq - other.seq)
  }

  const entriesOf = (rows: readonly unknown[]) => rows.map((row) => entryOf(names, entryRowOf(row as readonly unknown[])))

  return {
    heads(conversationIds: readonly ConversationId[]): readonly (Head | null)[] {
      return conversationIds.map((id) => {
        const conversation = names.idOf(id)
        return conversation === null ? null : headOf(names, conversation, head.get(conversation))
      })
    },

    read(conversationId: ConversationId, { from, to, limit, direction }: ReadRange): ReadResult {
      const conversation = names.idOf(conversationId)
      if (conversation === null) return { entries: [], amendments: [], head: null }
      const rows = (direction === 'up' ? up : down).all(conversation, from, to, limit)
      const entries = entriesOf(direction === 'up' ? rows : rows.reverse())
      const [newest, top] = [entries.at(-1), (rows[0] as readonly unknown[] | undefined)?.[entryColumnCount]]
      const last = newest && newest.seq === top ? headAt(newest) : headOf(names, conversation, head.get(conversation))
      assertComplete(conversationId, { from, to, limit, direction }, entries, last)
      return { entries, amendments: amendmentsOf(conversation, conversationId, entries), head: last }
    },

    find(conversationId: ConversationId, keys: readonly CommandKey[]): readonly (StoredId | null)[] {
      const conversation = names.idOf(conversationId)
      return keys.map((key) => {
        const sender = names.idOf(key.senderId)
        if (conversation === null || sender === null) return null
        return storedIdOf(names, stored.get(conversation, sender, key.clientMsgId), key)
      })
    },

    /** Each entry names the last membership entry at or before it: a chain, walked backwards from `upTo`. */
    membershipEntries(conversationId: ConversationId, after: number, upTo: number): readonly Entry[] {
      const conversation = names.idOf(conversationId)
      if (conversation === null) return []
      const lastMembership = (seq: number) => {
        const last = headOf(names, conversation, lastUpTo.get(conversation, seq))
        if (last && last.seq > seq) throw damaged(`the index of ${conversationId}`)
        return last?.membershipSeq ?? 0
      }
      const found: Entry[] = []
      for (let seq = lastMembership(upTo); seq > Math.max(after, 0); seq = lastMembership(seq - 1)) {
        const [entry] = entriesOf(one.all(conversation, seq))
        if (entry?.conversationId !== conversationId || entry.seq !== seq) throw damaged(`entry ${seq} of ${conversationId} is missing`)
        found.push(entry)
      }
      return found.reverse()
    },

    /** Of the first questions: a long look leaves the rest for another call. */
    unread(questions: readonly UnreadQuestion[]): readonly UnreadCount[] {
      return unread(questions)
    },
  }
}

/**
 * A log has no gaps (L2), so it is known which entries a page must hold: an index that has lost a key leaves its entry out, and one
 * with a wrong key brings another conversation's.
 */
function assertComplete(conversationId: ConversationId, range: ReadRange, entries: readonly Entry[], head: Head | null): void {
  const [bottom, top] = [Math.max(range.from, 1), Math.min(range.to, head?.seq ?? 0)]
  const expected = Math.max(Math.min(top - bottom + 1, range.limit), 0)
  const first = range.direction === 'up' ? bottom : top - expected + 1
  const isComplete = entries.every((entry, nth) => entry.conversationId === conversationId && entry.seq === first + nth)
  if (entries.length !== expected || !isComplete) throw damaged(`the index of ${conversationId}, from ${first} to ${first + expected - 1}`)
}
