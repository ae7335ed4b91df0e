import type { Accounts, Devices } from '@godwit/server/ports/accounts.ts'
import type { Bus } from '@godwit/server/ports/bus.ts'
import type { Conversations } from '@godwit/server/ports/conversations.ts'
import type { Cursors } from '@godwit/server/ports/cursors.ts'
import type { Vault } from '@godwit/server/ports/vault.ts'
import { accountsConformance } from './accounts.ts'
import { busConformance } from './bus.ts'
import { conversationsConformance } from './conversations.ts'
import { cursorsConformance } from './cursors.ts'
import { devicesConformance } from './devices.ts'
import { eventStreamConformance, type StreamAndLog } from './event-stream.ts'
import { messageLogConformance } from './message-log.ts'
import type { Open } from './suite.ts'
import { vaultConformance } from './vault.ts'

/** The ports of a whole profile. */
export interface Backend extends StreamAndLog {
  readonly conversations: Conversations
  readonly cursors: Cursors
  readonly accounts: Accounts
  readonly devices: Devices
  readonly vault: Vault
  readonly bus: Bus
}

/** Every suite, for a backend that has every port. */
export function backendConformance(name: string, open: Open<Backend>): void {
  const only =
    <Port>(pick: (backend: Backend) => Port): Open<Port> =>
    async () => {
      const opened = await open()
      return { port: pick(opened.port), close: () => opened.close() }
    }
  messageLogConformance(
    name,
    only(({ messageLog }) => messageLog),
  )
  eventStreamConformance(name, open)
  conversationsConformance(
    name,
    only(({ conversations }) => conversations),
  )
  cursorsConformance(
    name,
    only(({ cursors }) => cursors),
  )
  accountsConformance(
    name,
    only(({ accounts }) => accounts),
  )
  devicesConformance(
    name,
    only(({ devices }) => devices),
  )
  vaultConformance(
    name,
    only(({ vault }) => vault),
  )
  busConformance(
    name,
    only(({ bus }) => bus),
  )
}
