/** What a profile provides: an implementation of each port. `wire-local.ts` makes one. */
import type { Clock } from '@godwit/server/ports/clock.ts'
import type { Ports } from '@godwit/server/ports/ports.ts'

export interface Wiring extends Ports {
  readonly profile: 'local'
  /** 0 to 1,023, one of a kind among live nodes: part of message ids. */
  readonly worker: number
  readonly clock: Clock
  /** Finishes what waits, then lets go. */
  close(): Promise<void>
}
