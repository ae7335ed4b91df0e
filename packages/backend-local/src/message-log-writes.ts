import type { DatabaseSync } from 'node:sqlite'
import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { AppendVerdict, Head, NewEntry, StoredId } from '@godwit/server/ports/message-log.ts'
import { emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import { checksumOf } from './checksum.ts'
import { isUniqueViolation } from './database.ts'
import { contentColumns, type EntryRow, entryColumns, headOf, selectHead } from './entry-row.ts'
import type { NewNames } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'

const blanked = JSON.stringify({ text: '' })

/**
 * Where each log stands, by the number of its conversation: nobody but the writer appends, so what it has stored itself need not be
 * read again. To be emptied after a rollback.
 */
export type KnownHeads = Map<number, Head>

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

  function knownIds(conversation: number, entries: readonly NewEntry[]): readonly StoredId[] {
    return entries.flatMap((entry) => {
      const sender = names.idOf(entry.senderId)
      return (sender === null ? null : storedIdOf(names, known.get(conversation, sender, entry.clientMsgId), entry)) ?? []
    })
  }

  function insertAll(log: number, conversationId: ConversationId, entries: readonly NewEntry[], placed: readonly Entry[]): void {
    for (const [index, entry] of entries.entries()) {
      const { seq, count, membershipSeq } = placed[index] as Entry
      const { kind, target, json } = contentColumns(entry.content)
      const { messageId, at, clientMsgId, bodyHash } = entry
      const row = { seq, messageId, at, clientMsgId, count, membershipSeq, kind, target, content: json }
      const checksum = checksumOf(conversationId, entry.senderId, row)
      const sender = names.idFor(entry.senderId)
      insert.run(log, seq, messageId, at, sender, clientMsgId, bodyHash, count, membershipSeq, kind, target, json, checksum)
    }
  }

  /** What was damaged stays so: its text goes, but nobody vouches for the rest. */
  function blankOne(row: EntryRow): void {
    const [conversationId, senderId] = [names.nameOf(row.conversation), names.nameOf(row.sender)]
    const isWhole = checksumOf(conversationId, senderId, row) === row.checksum
    const checksum = isWhole ? checksumOf(conversationId, senderId, { ...row, content: blanked }) : row.checksum
    blankRow.run(blanked, checksum, row.conversation, row.seq)
  }

  return {
    append(conversationId: ConversationId, expectedHead: number, entries: readonly NewEntry[]): AppendVerdict {
      const log = names.idFor(conversationId)
      const stored = heads.get(log) ?? headOf(names, log, head.get(log)) ?? emptyHead
      const next = placeEntries(conversationId, stored, entries)
      if (stored.seq !== expectedHead) return { verdict: 'head-moved' }
      try {
        insertAll(log, conversationId, entries, next.placed)
      } catch (error) {
        // A new id is the rule, so none is looked up before the unique key has refused one.
        if (!isUniqueViolation(error)) throw error
        remove.run(log, stored.seq)
        const known = knownIds(log, entries)
        if (known.length === 0) throw error
        return { verdict: 'known', known }
      }
      if (heads.size >= limits.storeNamesCachedMax) heads.clear()
      heads.set(log, next.head)
      return { verdict: 'appended', head: next.head }
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
