/**
 * Writes to the store, gathered: what changes within a moment is one write, and one write is under way at a time. Only the tab
 * that leads writes what all tabs share; each writes its own unsent messages, drafts and reading.
 */
import type { GodwitError } from '@godwit/protocol/errors.ts'
import type { Clock } from './clock.ts'
import type { Pair, Store } from './store.ts'

const gatherMs = 20

/** Prefixes of the keys; an id or number follows. */
export const keys = {
  /** Whose store it is. */
  user: 'user',
  /** `{ epoch, mark }` */
  sync: 'sync',
  conversation: 'c/',
  tail: 't/',
  outbox: 'o/',
  draft: 'd/',
  read: 'r/',
  delivered: 'a/',
  profile: 'u/',
} as const

export class Cache {
  readonly store: Store
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #dirty = new Map<string, () => unknown>()
  /** By key: values of shared keys wait here while this tab does not lead. */
  #leading = false
  #cancel: (() => void) | null = null
  #flushing: Promise<void> = Promise.resolve()

  constructor(store: Store, clock: Clock, onError: (error: GodwitError | unknown) => void) {
    this.store = store
    this.#clock = clock
    this.#onError = onError
  }

  lead(leading: boolean): void {
    this.#leading = leading
  }

  /** What all tabs share; `value` is asked for when it is written. */
  share(key: string, value: () => unknown): void {
    if (this.#leading) this.own(key, value)
  }

  /** What is this tab's own to write; `undefined` deletes. */
  own(key: string, value: () => unknown): void {
    this.#dirty.set(key, value)
    this.#cancel ??= this.#clock.setTimer(gatherMs, () => void this.flush())
  }

  /** Settles when it would survive a power cut. Rejects when it would not. */
  durable(pairs: readonly Pair[]): Promise<void> {
    return this.store.write(pairs, true)
  }

  /** Everything gathered so far is written. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush())
    return this.#flushing
  }

  async #flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    if (this.#dirty.size === 0) return
    const pairs = [...this.#dirty].map(([key, value]): Pair => [key, value()])
    this.#dirty.clear()
    try {
      await this.store.write(pairs, false)
    } catch (error) {
      // The cache is behind then, and what it lacks is fetched again.
      this.#onError(error)
    }
  }
}
