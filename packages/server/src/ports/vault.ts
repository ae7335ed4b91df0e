/** Small facts that a deployment makes once and keeps: its epoch and its secrets. */
export interface Vault {
  /** The value stored under `name`; stores `make()` first where there is none. Atomic: all callers get the same. */
  getOrCreate(name: string, make: () => string): Promise<string>
}
