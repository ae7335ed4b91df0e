import type { Ports } from '@godwit/server/ports/ports.ts'
import { accountsConformance } from './accounts.ts'
import { busConformance } from './bus.ts'
import { conversationsConformance } from './conversations.ts'
import { cursorsConformance } from './cursors.ts'
import { devicesConformance } from './devices.ts'
import { erasuresConformance } from './erasures.ts'
import { eventStreamConformance } from './event-stream.ts'
import { inboxConformance } from './inbox.ts'
import { messageLogConformance } from './message-log.ts'
import { sightingsConformance } from './sightings.ts'
import type { Open } from './suite.ts'
import { vaultConformance } from './vault.ts'

/** Every suite, for a whole backend. */
export function backendConformance(name: string, open: Open<Ports>): void {
  const only =
    <Name extends keyof Ports>(port: Name): Open<Ports[Name]> =>
    async () => {
      const opened = await open()
      return { port: opened.port[port], close: () => opened.close() }
    }
  messageLogConformance(name, only('messageLog'))
  eventStreamConformance(name, open)
  conversationsConformance(name, only('conversations'))
  inboxConformance(name, open)
  cursorsConformance(name, only('cursors'))
  accountsConformance(name, only('accounts'))
  devicesConformance(name, only('devices'))
  sightingsConformance(name, open)
  erasuresConformance(name, open)
  vaultConformance(name, only('vault'))
  busConformance(name, only('bus'))
}
