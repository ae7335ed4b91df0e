import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { AppendVerdict, NewEntry, StoredId } from '@godwit/server/ports/message-log.ts'
import { emptyHead, placeEntries } from '@godwit/server/ports/place-entries.ts'
import { contentColumns, headOf, selectHead } from './entry-row.ts'
import type { NewNames } from './names.ts'
import { storedIdOf, storedIdSelect } from './stored-id.ts'

const blanked = JSON.stringify({ text: '' })

/** Runs in the writer thread, inside its transaction. */
export function messageLogWrites(db: DatabaseSync, names: NewNames) {
  const head = db.prepare(selectHead)
  const known = db.prepare(storedIdSelect)
  const insert = db.prepare(`
    INSERT INTO entries (conversation, seq, message_id, at, sender, client_id, body_hash, count, membership_seq, kind, target, content)
    VALUES (?, ?, ?, ?, ?, ?, unhex(?), ?, ?, ?, ?, ?)`)
  const blankMessage = db.prepare(`UPDATE entries SET content = ? WHERE conversation = ? AND seq = ? AND kind = 'message'`)
  const blankEdits = db.prepare(`UPDATE entries SET content = ? WHERE conversation = ? AND target = ? AND kind = 'edit'`)

  /** One index seek for each id: the same page the insert is about to touch. */
  function knownIds(conversation: number, entries: readonly NewEntry[]): readonly StoredId[] {
    return entries.flatMap((entry) => {
      const sender = names.idOf(entry.senderId)
      return (sender === null ? null : storedIdOf(known.get(conversation, sender, entry.clientMsgId), entry)) ?? []
    })
  }

  return {
    append(conversationId: ConversationId, expectedHead: number, entries: readonly NewEntry[]): AppendVerdict {
      const conversation = names.idOf(conversationId)
      const stored = (conversation === null ? null : headOf(head.get(conversation))) ?? emptyHead
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
        insert.run(log, seq, messageId, at, sender, clientMsgId, bodyHash, count, membershipSeq, kind, target, json)
      }
      return { verdict: 'appended', head: next.head }
    },

    blank(conversationId: ConversationId, target: number): void {
      const conversation = names.idOf(conversationId)
      if (conversation === null || blankMessage.run(blanked, conversation, target).changes === 0) return
      blankEdits.run(blanked, conversation, target)
    },
  }
}
