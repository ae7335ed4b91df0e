import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { AppendVerdict, Head, NewEntry, StoredId } from '@godwit/server/ports/message-log.ts'
import { emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import { checksumOf } from './checksum.ts'
import { contentColumns, type EntryRow, entryColumns, headOf, selectHead } from './entry-row.ts'
import type { NewNames } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'

const blanked = JSON.stringify({ text: '' })

/** Runs in the writer thread, inside its transaction. */
export function messageLogWrites(db: DatabaseSync, names: NewNames) {
  const head = db.prepare(selectHead)
  const figures = db.prepare(
    'SELECT seq, count, membership_seq AS membershipSeq FROM entries WHERE conversation = ? ORDER BY seq DESC LIMIT 1',
  )
  /** By conversation. */
  const verified = new Map<number, Head>()
  const known = db.prepare(storedIdSelect)
  const insert = db.prepare(`
    INSERT INTO entries (conversation, seq, message_id, at, sender, client_id, body_hash, count, membership_seq, kind, target, content,
      checksum)
    VALUES (?, ?, ?, ?, ?, ?, unhex(?), ?, ?, ?, ?, ?, ?)`)
  const message = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND seq = ? AND kind = 'message'`)
  const edits = db.prepare(`SELECT ${entryColumns} FROM entries WHERE conversation = ? AND target = ? AND kind = 'edit'`)
  const blankRow = db.prepare('UPDATE entries SET content = ?, checksum = ? WHERE conversation = ? AND seq = ?')

  /** One index seek for each id: the same page the insert is about to touch. */
  function knownIds(conversation: number, entries: readonly NewEntry[]): readonly StoredId[] {
    return entries.flatMap((entry) => {
      const sender = names.idOf(entry.senderId)
      return (sender === null ? null : storedIdOf(names, known.get(conversation, sender, entry.clientMsgId), entry)) ?? []
    })
  }

  /** The row is read whole only where it is not what this thread itself has stored last: a rollback shows in that too. */
  function verifiedHead(conversation: number): Head | null {
    const known = verified.get(conversation)
    const row = figures.get(conversation)
    if (known && row && known.seq === row.seq && known.count === row.count && known.membershipSeq === row.membershipSeq) return known
    return headOf(names, conversation, head.get(conversation))
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
      const conversation = names.idOf(conversationId)
      const stored = (conversation === null ? null : verifiedHead(conversation)) ?? emptyHead
      const next = placeEntries(conversationId, stored, entries)
      if (stored.seq !== expectedHead) return { verdict: 'head-moved' }
      const ids = conversation === null ? [] : knownIds(conversation, entries)
      if (ids.length > 0) return { verdict: 'known', known: ids }

      const log = conversation ?? names.idFor(conversationId)
      for (const [index, entry] of entries.entries()) {
        const placed = next.placed[index]
        if (!placed) throw new Error('an entry has no place')
        const { kind, target, json } = contentColumns(entry.content)
        const { seq, count, membershipSeq } = placed
        const { messageId, at, clientMsgId, bodyHash } = entry
        const sender = names.idFor(entry.senderId)
        const row = { seq, messageId, at, clientMsgId, count, membershipSeq, kind, target, content: json }
        const checksum = checksumOf(conversationId, entry.senderId, row)
        insert.run(log, seq, messageId, at, sender, clientMsgId, bodyHash, count, membershipSeq, kind, target, json, checksum)
      }
      if (verified.size >= limits.storeNamesCachedMax) verified.clear()
      verified.set(log, next.head)
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
