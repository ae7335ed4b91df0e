import type { DatabaseSync } from 'node:sqlite'
import { accountWrites } from './accounts.ts'
import { conversationWrites } from './conversations.ts'
import { cursorWrites } from './cursors.ts'
import { deviceWrites } from './devices.ts'
import { erasureWrites } from './erasures.ts'
import { eventStreamWrites } from './event-stream.ts'
import { type KnownHeads, messageLogWrites } from './message-log-writes.ts'
import type { NewNames } from './names.ts'
import { sightingWrites } from './sightings.ts'
import { vaultWrites } from './vault.ts'

/** Everything that writes. Runs in the writer thread alone, many calls to a transaction. */
export function writerProcedures(db: DatabaseSync, names: NewNames, heads: KnownHeads) {
  return {
    ...messageLogWrites(db, names, heads),
    ...eventStreamWrites(db),
    ...conversationWrites(db, names),
    ...cursorWrites(db, names),
    ...accountWrites(db),
    ...deviceWrites(db),
    ...sightingWrites(db),
    ...erasureWrites(db),
    ...vaultWrites(db),
  }
}

export type Writes = ReturnType<typeof writerProcedures>
