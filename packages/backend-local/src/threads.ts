import type { Reads } from './reader-procedures.ts'
import type { Remote } from './rpc.ts'
import type { Writes } from './writer-procedures.ts'

/** What every port of this backend stands on. */
export interface Threads {
  /** Answers after the fsync of the transaction. */
  readonly writer: Pick<Remote<Writes>, 'call'>
  /** Sees every write answered before it is asked; never waits for an fsync. */
  readonly reader: Pick<Remote<Reads>, 'call'>
}
