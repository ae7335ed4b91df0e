/**
 * The store: an ordered map from text keys to JSON values. Where a device keeps what it must not forget (unsent messages, tokens,
 * positions) and what paints before the network answers.
 */
export interface Store {
  /** Names the data; tabs with the same name share one device. */
  readonly name: string
  get(key: string): Promise<unknown>
  /** All pairs whose key starts with `prefix`, rising by key. */
  list(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>
  /**
   * All changes or none; a value of `undefined` deletes. Writes take effect in the order of the calls. With `durable` the promise
   * settles when a power cut can no longer undo it.
   */
  write(changes: readonly Change[], durable: boolean): Promise<void>
  close(): Promise<void>
}

export type Change = readonly [key: string, value: unknown]
