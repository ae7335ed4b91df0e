import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import type { Cursor, CursorKey, CursorMove, Cursors } from '@godwit/server/ports/cursors.ts'
import type { Names, NewNames } from './names.ts'
import type { Threads } from './threads.ts'

const zero: Cursor = { delivered: 0, read: 0, shown: 0, at: 0 }

const selectCursor = 'SELECT delivered, read, shown, at FROM cursors WHERE conversation = ? AND user = ?'

const cursorOf = (row: object | undefined): Cursor => (row ? ({ ...row } as Cursor) : zero)

export function localCursors({ writer, reader }: Threads): Cursors {
  return {
    advance: (moves) => (moves.length === 0 ? Promise.resolve([]) : writer.call('advance', moves)),
    of: (keys) => reader.call('cursorsOf', keys),
    ofConversation: (conversationId) => reader.call('cursorsOfConversation', conversationId),
  }
}

export function cursorWrites(db: DatabaseSync, names: NewNames) {
  // A move that changes nothing writes nothing, so it costs no fsync.
  const advance = db.prepare(`
    INSERT INTO cursors (conversation, user, delivered, read, shown, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
      delivered = max(delivered, excluded.delivered), read = max(read, excluded.read), shown = max(shown, excluded.shown),
      at = max(at, excluded.at)
    WHERE excluded.delivered > delivered OR excluded.read > read OR excluded.shown > shown
    RETURNING delivered, read, shown, at`)
  const deliver = db.prepare(`
    INSERT INTO deliveries (device, conversation, delivered) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET delivered = excluded.delivered WHERE excluded.delivered > delivered`)

  const stands = db.prepare(selectCursor)

  return {
    advance(moves: readonly CursorMove[]): readonly Cursor[] {
      return moves.map(({ conversationId, userId, deviceId, delivered = 0, read = 0, shown = 0, at }) => {
        const [conversation, user] = [names.idFor(conversationId), names.idFor(userId)]
        const isMove = delivered > 0 || read > 0 || shown > 0
        const moved = isMove ? advance.get(conversation, user, delivered, read, shown, at) : undefined
        if (deviceId !== null && delivered > 0) deliver.run(names.idFor(deviceId), conversation, delivered)
        return cursorOf(moved ?? stands.get(conversation, user))
      })
    },
  }
}

export function cursorReads(db: DatabaseSync, names: Names) {
  const one = db.prepare(selectCursor)
  const all = db.prepare('SELECT user, delivered, read, shown, at FROM cursors WHERE conversation = ?')

  return {
    cursorsOf(keys: readonly CursorKey[]): readonly Cursor[] {
      return keys.map(({ conversationId, userId }) => {
        const [conversation, user] = [names.idOf(conversationId), names.idOf(userId)]
        return conversation === null || user === null ? zero : cursorOf(one.get(conversation, user))
      })
    },

    cursorsOfConversation(conversationId: ConversationId): readonly (Cursor & { readonly userId: UserId })[] {
      return all.all(names.idOf(conversationId)).map((row) => {
        const { user, ...cursor } = row as object as Cursor & { readonly user: number }
        return { ...cursor, userId: names.nameOf<UserId>(user) }
      })
    },
  }
}
