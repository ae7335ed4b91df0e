/**
 * The store: an ordered map from text keys to JSON values. Where a device keeps what it must not forget (unsent messages, tokens,
 * positions) and what paints before the network answers. Whoever writes a value no longer changes it.
 */
import type { Tabs } from './tabs.ts'

export interface Store {
  get(key: string): Promise<unknown>
  /** All pairs whose key starts with `prefix`, rising by key. */
  list(prefix: string): Promise<readonly Pair[]>
  /**
   * All changes or none; a value of `undefined` deletes. Writes take effect in the order of the calls. With `durable` the promise
   * settles when a power cut can no longer undo it.
   */
  write(changes: readonly Pair[], durable: boolean): Promise<void>
  close(): Promise<void>
  /** How those that share this store agree; left out where nobody shares it. */
  readonly tabs?: Tabs
}

export type Pair = readonly [key: string, value: unknown]
