import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { advanceCursor, zeroCursor } from '@godwit/server/ports/advance-cursor.ts'
import type { Cursor, CursorMove, Cursors } from '@godwit/server/ports/cursors.ts'
import type { Disk } from './disk.ts'

export function memoryCursors(disk: Disk): Cursors {
  return {
    async advance(moves) {
      return moves.map((move) => {
        const ofConversation = disk.cursors.get(move.conversationId) ?? new Map<UserId, Cursor>()
        const cursor = advanceCursor(ofConversation.get(move.userId) ?? zeroCursor, move)
        ofConversation.set(move.userId, cursor)
        disk.cursors.set(move.conversationId, ofConversation)
        deliver(disk, move)
        return cursor
      })
    },
    of: async (keys) => keys.map(({ conversationId, userId }) => disk.cursors.get(conversationId)?.get(userId) ?? zeroCursor),
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
