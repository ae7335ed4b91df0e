import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { AppendVerdict, CommandKey, Head, StoredId } from '@godwit/server/ports/message-log.ts'
import { checkBatch, emptyHead, placeBehind } from '@godwit/server/ports/place-entries.ts'
import { checksumOf } from './checksum.ts'
import { isUniqueViolation } from './database.ts'
import { type EntryRow, eachRow, entryColumns, headOf, type NewRow, type NewRows, selectHead } from './entry-row.ts'
import type { NewNames } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'

const blanked = JSON.stringify({ text: '' })

/**
 * Where each log stands, by the number of its conversation: nobody but the writer appends, so what it has stored itself need not be
 * read again. To be emptied after a rollback.
 */
export type KnownHeads = Map<number, Head>

const keyOf = ([, , senderId, clientMsgId]: NewRow): CommandKey => ({ senderId, clientMsgId })

/** Runs in the writer thread, inside its transaction. */
export function messageLogWrites(db: DatabaseSync, names: NewNames, heads: KnownHeads) {
  const head = db.prepare(selectHead)
  const known = db.prepare(storedIdSelect)
  const insert = db.prepare(`
    INSERT INTO entries (conversation, seq, message_id, at, sender, client_id, body_hash, count, membership_seq, kind, target, content,
      checksum)
    VALUES (?, ?, ?, ?, ?, ?, unhex(?), ?, ?, ?, ?, ?, ?)`)
  const remove = db.prepare('DELETE FROM entries WHERE conversation = ? AND seq > ?')
  const message = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq = ? AND kind = 'message'`)
  const edits = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND target = ? AND kind = 'edit'`)
  const blankRow = db.prepare('UPDATE entries SET content = ?, checksum = ? WHERE conversation = ? AND seq = ?')

  function knownIds(conversation: number, rows: readonly NewRow[]): readonly StoredId[] {
    return rows.flatMap((row) => {
      const key = keyOf(row)
      const sender = names.idOf(key.senderId)
      return (sender === null ? null : storedIdOf(names, known.get(conversation, sender, key.clientMsgId), key)) ?? []
    })
  }

  /** Answers the head behind them. */
  function insertAll(log: number, conversationId: ConversationId, behind: Head, rows: readonly NewRow[]): Head {
    let last = behind
    for (const [messageId, at, senderId, clientMsgId, bodyHash, kind, target, content] of rows) {
      const { seq, count, membershipSeq } = placeBehind(last, kind)
      const row = { seq, messageId, at, clientMsgId, count, membershipSeq, kind, target, content }
      const checksum = checksumOf(conversationId, senderId, row)
      const sender = names.idFor(senderId)
      insert.run(log, seq, messageId, at, sender, clientMsgId, bodyHash, count, membershipSeq, kind, target, content, checksum)
      last = { seq, count, membershipSeq, at }
    }
    return last
  }

  /** What was damaged stays so: its text goes, but nobody vouches for the rest. */
  function blankOne(row: EntryRow): void {
    const [conversationId, senderId] = [names.nameOf(row.conversation), names.nameOf(row.sender)]
    const isWhole = checksumOf(conversationId, senderId, row) === row.checksum
    const checksum = isWhole ? checksumOf(conversationId, senderId, { ...row, content: blanked }) : row.checksum
    blankRow.run(blanked, checksum, row.conversation, row.seq)
  }

  return {
    append(conversationId: ConversationId, expectedHead: number, newRows: NewRows): AppendVerdict {
      const rows = eachRow(newRows)
      checkBatch(rows.map(keyOf))
      const log = names.idFor(conversationId)
      const stored = heads.get(log) ?? headOf(names, log, head.get(log)) ?? emptyHead
      if (stored.seq !== expectedHead) return { verdict: 'head-moved' }
      let next: Head
      try {
        next = insertAll(log, conversationId, stored, rows)
      } catch (error) {
        // A new id is the rule, so none is looked up before the unique key has refused one.
        if (!isUniqueViolation(error)) throw error
        remove.run(log, stored.seq)
        const known = knownIds(log, rows)
        if (known.length === 0) throw error
        return { verdict: 'known', known }
      }
      if (heads.size >= limits.storeNamesCachedMax) heads.clear()
      heads.set(log, next)
      return { verdict: 'appended', head: next }
    },

    blank(conversationId: ConversationId, target: number): void {
      const conversation = names.idOf(conversationId)
      const row = conversation === null ? undefined : message.get(conversation, target)
      if (conversation === null || !row) return
      blankOne(row as object as EntryRow)
      for (const edit of edits.all(conversation, target)) blankOne(edit as object as EntryRow)
    },
  }
}
