/**
 * SQLite notices a page whose structure is broken, but not a bit that has flipped within a text or a number. So every entry is stored
 * with a checksum over all that is served of it, wire ids included: a flip in a row, in the index that led to it or in a name is
 * found when it is read. CRC-32 misses no flip of a single bit.
 */
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { GodwitError } from '@godwit/protocol/errors.ts'

/** From this schema on entries have one. */
export const checksumSchema = 3

/** What stands in an entry's row, with wire ids instead of their numbers. */
export interface ChecksummedRow {
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly clientMsgId: string
  readonly count: number
  readonly membershipSeq: number
  readonly kind: string
  readonly target: number | null
  readonly content: string
}

export function checksumOf(conversationId: string, senderId: string, row: ChecksummedRow): number {
  const { seq, messageId, at, clientMsgId, count, membershipSeq, kind, target, content } = row
  return crc32(
    `${conversationId} ${seq} ${messageId} ${at} ${senderId} ${clientMsgId} ${count} ${membershipSeq} ${kind} ${target ?? 0} ${content}`,
  )
}

/** For statements that run over the whole table: migrations and the inspection of a backup. */
export function defineChecksum(db: DatabaseSync): void {
  const compute = (
    ...[conversationId, seq, messageId, at, senderId, clientMsgId, count, membershipSeq, kind, target, content]: unknown[]
  ) =>
    checksumOf(String(conversationId), String(senderId), {
      seq: Number(seq),
      messageId: String(messageId),
      at: Number(at),
      clientMsgId: String(clientMsgId),
      count: Number(count),
      membershipSeq: Number(membershipSeq),
      kind: String(kind),
      target: target === null ? null : Number(target),
      content: String(content),
    })
  db.function('entry_checksum', { deterministic: true, varargs: true }, compute)
}

/** How many entries are not as they were stored, in a database of `checksumSchema` or later. */
export function damagedEntries(db: DatabaseSync): number {
  defineChecksum(db)
  const row = db
    .prepare(`
      SELECT count(*) AS damaged
      FROM entries AS e LEFT JOIN names AS c ON c.id = e.conversation LEFT JOIN names AS s ON s.id = e.sender
      WHERE checksum IS NOT entry_checksum(c.name, seq, CAST(message_id AS TEXT), at, s.name, client_id, count, membership_seq, kind,
        target, content)`)
    .get()
  return Number(row?.damaged)
}

/** `place` is for the log alone: who asks is told the code. */
export function damaged(place: string): GodwitError {
  return new GodwitError('STORAGE_DAMAGED', undefined, undefined, `stored data is damaged: ${place}`)
}
