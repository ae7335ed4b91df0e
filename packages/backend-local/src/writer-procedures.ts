import type { DatabaseSync } from 'node:sqlite'
import { accountWrites } from './accounts.ts'
import { conversationWrites } from './conversations.ts'
import { cursorWrites, type KnownCursors } from './cursors.ts'
import { deviceWrites } from './devices.ts'
import { erasureWrites } from './erasures.ts'
import { eventStreamWrites } from './event-stream.ts'
import { keptTimeWrites } from './kept-time.ts'
import { type KnownHeads, messageLogWrites } from './message-log-writes.ts'
import { NewNames } from './names.ts'
import { sightingWrites } from './sightings.ts'
import { vaultWrites } from './vault.ts'

/** Runs in the writer thread alone. */
export interface Writer {
  readonly procedures: Writes
  /** After a rollback: what was remembered of that transaction was not stored. */
  forget(): void
}

export type Writes = ReturnType<typeof writes>

/** Everything that writes, many calls to a transaction. */
export function createWriter(db: DatabaseSync): Writer {
  const names = new NewNames(db)
  const heads: KnownHeads = new Map()
  const cursors: KnownCursors = new Map()
  return {
    procedures: writes(db, names, heads, cursors),
    forget() {
      names.forget()
      heads.clear()
      cursors.clear()
    },
  }
}

function writes(db: DatabaseSync, names: NewNames, heads: KnownHeads, cursors: KnownCursors) {
  return {
    ...messageLogWrites(db, names, heads),
    ...eventStreamWrites(db),
    ...conversationWrites(db, names),
    ...cursorWrites(db, names, cursors),
    ...accountWrites(db),
    ...deviceWrites(db),
    ...sightingWrites(db),
    ...erasureWrites(db),
    ...vaultWrites(db),
    ...keptTimeWrites(db),
  }
}
