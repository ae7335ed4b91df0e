import type { DatabaseSync } from 'node:sqlite'
import { accountReads } from './accounts.ts'
import { conversationReads } from './conversation-reads.ts'
import { cursorReads } from './cursors.ts'
import { deviceReads } from './devices.ts'
import { erasureReads } from './erasures.ts'
import { eventStreamReads } from './event-stream.ts'
import { inboxReads } from './inbox.ts'
import { messageLogReads } from './message-log-reads.ts'
import type { Names } from './names.ts'
import { sightingReads } from './sightings.ts'
import { vaultReads } from './vault.ts'

/** Everything that only reads. Runs in the reader thread, many calls to a snapshot. */
export function readerProcedures(db: DatabaseSync, names: Names) {
  return {
    ...messageLogReads(db, names),
    ...eventStreamReads(db, names),
    ...conversationReads(db, names),
    ...inboxReads(db, names),
    ...cursorReads(db, names),
    ...accountReads(db),
    ...deviceReads(db),
    ...sightingReads(db),
    ...erasureReads(db),
    ...vaultReads(db),
  }
}

export type Reads = ReturnType<typeof readerProcedures>
