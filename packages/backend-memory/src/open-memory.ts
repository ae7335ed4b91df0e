import { inProcessBus } from '@godwit/server/ports/in-process-bus.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'
import { memoryAccounts } from './accounts.ts'
import { type ManualClock, manualClock } from './clock.ts'
import { memoryConversations } from './conversations.ts'
import { memoryCursors } from './cursors.ts'
import { memoryDevices } from './devices.ts'
import { type Disk, emptyDisk } from './disk.ts'
import { memoryErasures } from './erasures.ts'
import { memoryEventStream } from './event-stream.ts'
import { memoryInbox } from './inbox.ts'
import { memoryMessageLog } from './message-log.ts'
import { memorySightings } from './sightings.ts'
import { memoryVault } from './vault.ts'

export interface MemoryBackend extends Ports {
  readonly clock: ManualClock
}

/** Every port in this process. Two backends over one `disk` are a restart, or two nodes. */
export function openMemory(disk: Disk = emptyDisk(), clock: ManualClock = manualClock()): MemoryBackend {
  const conversations = memoryConversations(disk)
  const messageLog = memoryMessageLog(disk)
  return {
    messageLog,
    eventStream: memoryEventStream(disk),
    conversations,
    inbox: memoryInbox(disk, conversations, messageLog),
    cursors: memoryCursors(disk),
    accounts: memoryAccounts(disk),
    devices: memoryDevices(disk),
    sightings: memorySightings(disk),
    erasures: memoryErasures(disk),
    vault: memoryVault(disk),
    bus: inProcessBus(),
    clock,
  }
}
