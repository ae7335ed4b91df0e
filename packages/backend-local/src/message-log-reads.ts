import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { CommandKey, Head, ReadRange, ReadResult, StoredId, UnreadCount, UnreadQuestion } from '@godwit/server/ports/message-log.ts'
import { type EntryRow, entryColumns, entryOf, headOf, selectHead } from './entry-row.ts'
import type { Names } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'
import { unreadCounter } from './unread.ts'

/** Runs in the reader thread, inside its snapshot. */
export function messageLogReads(db: DatabaseSync, names: Names) {
  const inRange = `SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq >= ? AND seq <= ? ORDER BY seq`
  const up = db.prepare(`${inRange} LIMIT ?`)
  const down = db.prepare(`${inRange} DESC LIMIT ?`)
  const amendments = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND target BETWEEN ? AND ? ORDER BY seq`)
  const head = db.prepare(selectHead)
  const stored = db.prepare(storedIdSelect)
  const lastMembership = db.prepare(
    'SELECT membership_seq AS seq FROM entries WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1',
  )
  const one = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq = ?`)
  const unread = unreadCounter(db, names)

  const entriesOf = (rows: readonly object[]) => rows.map((row) => entryOf(names, row as EntryRow))

  return {
    heads(conversationIds: readonly ConversationId[]): readonly (Head | null)[] {
      return conversationIds.map((id) => {
        const conversation = names.idOf(id)
        return conversation === null ? null : headOf(head.get(conversation))
      })
    },

    read(conversationId: ConversationId, { from, to, limit, direction }: ReadRange): ReadResult {
      const conversation = names.idOf(conversationId)
      if (conversation === null) return { entries: [], amendments: [], head: null }
      const rows = (direction === 'up' ? up : down).all(conversation, from, to, limit)
      const entries = entriesOf(direction === 'up' ? rows : rows.reverse())
      // A log has no gaps (L2), so the targets of a page are one range.
      const [first, last] = [entries.at(0), entries.at(-1)]
      return {
        entries,
        amendments: first && last ? entriesOf(amendments.all(conversation, first.seq, last.seq)) : [],
        head: headOf(head.get(conversation)),
      }
    },

    find(conversationId: ConversationId, keys: readonly CommandKey[]): readonly (StoredId | null)[] {
      const conversation = names.idOf(conversationId)
      return keys.map((key) => {
        const sender = names.idOf(key.senderId)
        if (conversation === null || sender === null) return null
        return storedIdOf(stored.get(conversation, sender, key.clientMsgId), key)
      })
    },

    /** Each entry names the last membership entry at or before it: a chain, walked backwards from `upTo`. */
    membershipEntries(conversationId: ConversationId, after: number, upTo: number): readonly Entry[] {
      const conversation = names.idOf(conversationId)
      if (conversation === null) return []
      const lastUpTo = (seq: number) => Number(lastMembership.get(conversation, seq)?.seq ?? 0)
      const rows: object[] = []
      for (let seq = lastUpTo(upTo); seq > Math.max(after, 0); seq = lastUpTo(seq - 1)) {
        const row = one.get(conversation, seq)
        if (row) rows.push(row)
      }
      return entriesOf(rows.reverse())
    },

    unread(questions: readonly UnreadQuestion[]): readonly UnreadCount[] {
      return questions.map(unread)
    },
  }
}
