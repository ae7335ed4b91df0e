import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Cursor, CursorMove, Cursors } from '@godwit/server/ports/cursors.ts'
import type { Disk } from './disk.ts'

export const zero: Cursor = { delivered: 0, read: 0, shown: 0, at: 0 }

export function memoryCursors(disk: Disk): Cursors {
  return {
    async advance(moves) {
      return moves.map((move) => {
        const ofConversation = disk.cursors.get(move.conversationId) ?? new Map<UserId, Cursor>()
        const cursor = merge(ofConversation.get(move.userId) ?? zero, move)
        ofConversation.set(move.userId, cursor)
        disk.cursors.set(move.conversationId, ofConversation)
        deliver(disk, move)
        return cursor
      })
    },
    of: async (keys) => keys.map(({ conversationId, userId }) => disk.cursors.get(conversationId)?.get(userId) ?? zero),
    ofConversation: async (conversationId) =>
      [...(disk.cursors.get(conversationId) ?? [])].map(([userId, cursor]) => ({ ...cursor, userId })),
  }
}

function deliver(disk: Disk, { conversationId, deviceId, delivered = 0 }: CursorMove): void {
  if (deviceId === null) return
  const ofDevice = disk.deliveries.get(deviceId) ?? new Map<ConversationId, number>()
  ofDevice.set(conversationId, Math.max(ofDevice.get(conversationId) ?? 0, delivered))
  disk.deliveries.set(deviceId, ofDevice)
}

function merge(cursor: Cursor, { delivered = 0, read = 0, shown = 0, at }: CursorMove): Cursor {
  const moves = delivered > cursor.delivered || read > cursor.read || shown > cursor.shown
  return {
    delivered: Math.max(cursor.delivered, delivered),
    read: Math.max(cursor.read, read),
    shown: Math.max(cursor.shown, shown),
    at: moves ? Math.max(cursor.at, at) : cursor.at,
  }
}
