import type { Accounts, Devices } from '@godwit/server/ports/accounts.ts'
import type { Bus } from '@godwit/server/ports/bus.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { Cursors } from '@godwit/server/ports/cursors.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import type { Vault } from '@godwit/server/ports/vault.ts'
import { memoryAccounts } from './accounts.ts'
import { memoryBus } from './bus.ts'
import { type ManualClock, manualClock } from './clock.ts'
import { memoryConversations } from './conversations.ts'
import { memoryCursors } from './cursors.ts'
import { memoryDevices } from './devices.ts'
import { type Disk, emptyDisk } from './disk.ts'
import { memoryEventStream } from './event-stream.ts'
import { memoryMessageLog } from './message-log.ts'
import { memoryVault } from './vault.ts'

export interface MemoryBackend {
  readonly messageLog: MessageLog
  readonly eventStream: EventStream
  readonly conversations: Conversations
  readonly cursors: Cursors
  readonly accounts: Accounts
  readonly devices: Devices
  readonly vault: Vault
  readonly bus: Bus
  readonly clock: ManualClock
}

/** Every port in this process. Two backends over one `disk` are a restart, or two nodes. */
export function openMemory(disk: Disk = emptyDisk(), clock: ManualClock = manualClock()): MemoryBackend {
  return {
    messageLog: memoryMessageLog(disk),
    eventStream: memoryEventStream(disk),
    conversations: memoryConversations(disk),
    cursors: memoryCursors(disk),
    accounts: memoryAccounts(disk),
    devices: memoryDevices(disk),
    vault: memoryVault(disk),
    bus: memoryBus(),
    clock,
  }
}
