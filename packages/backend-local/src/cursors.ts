import type { DatabaseSync } from 'node:sqlite'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import type { Cursor, CursorKey, CursorMove, Cursors } from '@godwit/server/ports/cursors.ts'
import type { Names, NewNames } from './names.ts'
import type { Threads } from './threads.ts'

const zero: Cursor = { delivered: 0, read: 0, shown: 0, at: 0 }

const selectCursor = 'SELECT delivered, read, shown, at FROM cursors WHERE conversation = ? AND user = ?'

const cursorOf = (row: object | undefined): Cursor => (row ? ({ ...row } as Cursor) : zero)

/**
 * Where cursors stand, by the numbers of conversation and user: nobody but the writer moves them, so what it has stored itself need not
 * be read again. To be emptied after a rollback.
 */
export type KnownCursors = Map<string, Cursor>

export function localCursors({ writer, reader }: Threads): Cursors {
  return {
    advance: (moves) => (moves.length === 0 ? Promise.resolve([]) : writer.call('advance', moves)),
    of: (keys) => reader.call('cursorsOf', keys),
    ofConversation: (conversationId) => reader.call('cursorsOfConversation', conversationId),
  }
}

export function cursorWrites(db: DatabaseSync, names: NewNames, known: KnownCursors) {
  const stands = db.prepare(selectCursor)
  const put = db.prepare('INSERT OR REPLACE INTO cursors (conversation, user, delivered, read, shown, at) VALUES (?, ?, ?, ?, ?, ?)')
  const deliver = db.prepare(`
    INSERT INTO deliveries (device, conversation, delivered) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET delivered = excluded.delivered WHERE excluded.delivered > delivered`)

  function advanceOne(move: CursorMove): Cursor {
    const { conversationId, userId, deviceId, delivered = 0 } = move
    const [conversation, user] = [names.idFor(conversationId), names.idFor(userId)]
    const key = `${conversation} ${user}`
    const stood = known.get(key) ?? cursorOf(stands.get(conversation, user))
    const next = furthest(stood, move)
    // A move that changes nothing writes nothing, so it costs no fsync.
    if (next !== stood) put.run(conversation, user, next.delivered, next.read, next.shown, next.at)
    if (deviceId !== null && delivered > 0) deliver.run(names.idFor(deviceId), conversation, delivered)
    if (known.size >= limits.storeCursorsCachedMax && !known.has(key)) known.clear()
    known.set(key, next)
    return next
  }

  return {
    advance: (moves: readonly CursorMove[]): readonly Cursor[] => moves.map(advanceOne),
  }
}

/** L8: each part by its maximum; the same cursor where none has moved. */
function furthest(stood: Cursor, { delivered = 0, read = 0, shown = 0, at }: CursorMove): Cursor {
  if (delivered <= stood.delivered && read <= stood.read && shown <= stood.shown) return stood
  return {
    delivered: Math.max(stood.delivered, delivered),
    read: Math.max(stood.read, read),
    shown: Math.max(stood.shown, shown),
    at: Math.max(stood.at, at),
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
