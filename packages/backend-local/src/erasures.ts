import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Erasure, ErasureProgress, Erasures } from '@godwit/server/ports/erasures.ts'
import type { Checkpoints } from './checkpoint-thread.ts'
import type { Remote } from './rpc.ts'
import type { Threads } from './threads.ts'

export function localErasures({ writer, reader }: Threads, checkpointer: Pick<Remote<Checkpoints>, 'call'>): Erasures {
  return {
    request: (userId, at) => writer.call('requestErasure', userId, at),
    get: (userId) => reader.call('erasure', userId),
    pending: () => reader.call('pendingErasures'),
    async advance(userId, progress) {
      // The database has no trace of what was blanked; the write-ahead log keeps what it was before until it begins anew.
      if (progress.doneAt !== null) await checkpointer.call('emptyLog')
      await writer.call('advanceErasure', userId, progress)
    },
  }
}

export function erasureWrites(db: DatabaseSync) {
  const request = db.prepare('INSERT INTO erasures VALUES (?, ?, NULL, 0, 0, NULL) ON CONFLICT DO NOTHING')
  const advance = db.prepare('UPDATE erasures SET conversation_id = ?, seq = ?, messages = ?, done_at = ? WHERE user_id = ?')

  return {
    requestErasure(userId: UserId, at: number): void {
      request.run(userId, at)
    },

    advanceErasure(userId: UserId, { conversationId, seq, messages, doneAt }: ErasureProgress): void {
      advance.run(conversationId, seq, messages, doneAt, userId)
    },
  }
}

const columns = `user_id AS userId, requested_at AS requestedAt, conversation_id AS conversationId, seq, messages, done_at AS doneAt`

export function erasureReads(db: DatabaseSync) {
  const one = db.prepare(`SELECT ${columns} FROM erasures WHERE user_id = ?`)
  const pending = db.prepare(`SELECT ${columns} FROM erasures WHERE done_at IS NULL ORDER BY rowid`)
  const erasureOf = (row: object) => ({ ...row }) as Erasure

  return {
    erasure(userId: UserId): Erasure | null {
      const row = one.get(userId)
      return row ? erasureOf(row) : null
    },
    pendingErasures: (): readonly Erasure[] => pending.all().map(erasureOf),
  }
}
