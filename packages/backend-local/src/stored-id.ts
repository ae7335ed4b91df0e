import type { CommandKey, StoredId } from '@godwit/server/ports/message-log.ts'
import { damaged } from './checksum.ts'
import { assertWhole, type EntryRow, entryColumns } from './entry-row.ts'
import type { Names } from './names.ts'

/** By conversation, sender and client message id. */
export const storedIdSelect = `SELECT ${entryColumns}, lower(hex(body_hash)) AS bodyHash
  FROM entries WHERE conversation = ? AND sender = ? AND client_id = ?`

/** Throws STORAGE_DAMAGED. */
export function storedIdOf(names: Names, row: object | undefined, { senderId, clientMsgId }: CommandKey): StoredId | null {
  if (!row) return null
  const { seq, messageId, at, bodyHash, sender, clientMsgId: found } = row as EntryRow & Pick<StoredId, 'bodyHash'>
  assertWhole(names, row as EntryRow)
  if (found !== clientMsgId || names.nameOf(sender) !== senderId) throw damaged(`the index of ${senderId}`)
  return { senderId, clientMsgId, seq, messageId, at, bodyHash }
}
