/** How a move merges into a cursor (L8): the same for every backend that computes it outside of its database. */
import type { Cursor, CursorMove } from './cursors.ts'

/** Where nothing was received or read. */
export const zeroCursor: Cursor = { delivered: 0, read: 0, shown: 0, at: 0 }

/** Each part by its maximum; the same object where none has moved, so that nothing need be written. */
export function advanceCursor(cursor: Cursor, { delivered = 0, read = 0, shown = 0, at }: CursorMove): Cursor {
  if (delivered <= cursor.delivered && read <= cursor.read && shown <= cursor.shown) return cursor
  return {
    delivered: Math.max(cursor.delivered, delivered),
    read: Math.max(cursor.read, read),
    shown: Math.max(cursor.shown, shown),
    at: Math.max(cursor.at, at),
  }
}
