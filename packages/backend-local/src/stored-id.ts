import type { CommandKey, StoredId } from '@godwit/server/ports/message-log.ts'

/** By conversation, sender and client message id. */
export const storedIdSelect = `SELECT seq, CAST(message_id AS TEXT) AS messageId, at, lower(hex(body_hash)) AS bodyHash
  FROM entries WHERE conversation = ? AND sender = ? AND client_id = ?`

export function storedIdOf(row: object | undefined, { senderId, clientMsgId }: CommandKey): StoredId | null {
  return row ? { senderId, clientMsgId, ...(row as Omit<StoredId, keyof CommandKey>) } : null
}
