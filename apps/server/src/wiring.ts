/** What a profile provides: an implementation of each port. `wire-local.ts` makes one. */
import type { Accounts, Devices } from '@godwit/server/ports/accounts.ts'
import type { Bus } from '@godwit/server/ports/bus.ts'
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { Cursors } from '@godwit/server/ports/cursors.ts'
import type { EventStream } from '@godwit/server/ports/event-stream.ts'
import type { MessageLog } from '@godwit/server/ports/message-log.ts'
import type { Vault } from '@godwit/server/ports/vault.ts'

export interface Wiring {
  readonly profile: 'local'
  /** 0 to 1,023, one of a kind among live nodes: part of message ids. */
  readonly worker: number
  readonly messageLog: MessageLog
  readonly eventStream: EventStream
  readonly conversations: Conversations
  readonly cursors: Cursors
  readonly accounts: Accounts
  readonly devices: Devices
  readonly vault: Vault
  readonly bus: Bus
  readonly clock: Clock
  /** Finishes what waits, then lets go. */
  close(): Promise<void>
}
