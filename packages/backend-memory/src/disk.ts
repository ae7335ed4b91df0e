import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import type { Account, DeviceRecord } from '@godwit/server/ports/accounts.ts'
import type { ConversationState } from '@godwit/server/ports/conversations.ts'
import type { Cursor } from '@godwit/server/ports/cursors.ts'
import type { Erasure } from '@godwit/server/ports/erasures.ts'
import type { Head, StoredId } from '@godwit/server/ports/message-log.ts'
import type { Flags } from './conversations.ts'

/** Everything a process leaves behind. Ports hold no state of their own, so a restart is new ports over the same disk. */
export interface Disk {
  readonly logs: Map<ConversationId, StoredLog>
  /** Places in the order they were committed: what the event stream reads. */
  readonly commits: { readonly conversationId: ConversationId; readonly seq: number }[]
  readonly positions: Map<string, string>
  readonly states: Map<ConversationId, ConversationState>
  readonly flags: Map<ConversationId, Map<UserId, Flags>>
  readonly cursors: Map<ConversationId, Map<UserId, Cursor>>
  /** How far each conversation was delivered to each device. */
  readonly deliveries: Map<DeviceId, Map<ConversationId, number>>
  readonly accounts: Map<UserId, Account>
  readonly blocks: Map<UserId, Set<UserId>>
  readonly devices: Map<DeviceId, DeviceRecord>
  /** In the order in which they were stored. */
  readonly signOuts: DeviceId[]
  /** In the order of the requests. */
  readonly erasures: Map<UserId, Erasure>
  readonly secrets: Map<string, string>
}

export interface StoredLog {
  head: Head
  /** The entry at seq stands at index seq - 1. */
  readonly entries: Entry[]
  /** By sender and client message id. */
  readonly ids: Map<string, StoredId>
  /** seqs of the amendments of each target, rising. */
  readonly amendments: Map<number, number[]>
}

export function emptyDisk(): Disk {
  return {
    logs: new Map(),
    commits: [],
    positions: new Map(),
    states: new Map(),
    flags: new Map(),
    cursors: new Map(),
    deliveries: new Map(),
    accounts: new Map(),
    blocks: new Map(),
    devices: new Map(),
    signOuts: [],
    erasures: new Map(),
    secrets: new Map(),
  }
}
