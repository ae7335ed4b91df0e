import type { Accounts, Devices } from './accounts.ts'
import type { Bus } from './bus.ts'
import type { Conversations } from './conversations.ts'
import type { Cursors } from './cursors.ts'
import type { Erasures } from './erasures.ts'
import type { EventStream } from './event-stream.ts'
import type { Inbox } from './inbox.ts'
import type { MessageLog } from './message-log.ts'
import type { Sightings } from './sightings.ts'
import type { Vault } from './vault.ts'

/** What a backend has to provide, beside a `Clock`. Each is proven by its suite in `conformance`. */
export interface Ports {
  readonly messageLog: MessageLog
  readonly eventStream: EventStream
  readonly conversations: Conversations
  readonly inbox: Inbox
  readonly cursors: Cursors
  readonly accounts: Accounts
  readonly devices: Devices
  readonly sightings: Sightings
  readonly erasures: Erasures
  readonly vault: Vault
  readonly bus: Bus
}
